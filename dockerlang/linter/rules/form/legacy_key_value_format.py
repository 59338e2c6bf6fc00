"""BuildKit: write `ENV NAME=value`, not `ENV NAME value`.

The old form takes one name only and the rest of the line as its value, which surprises whoever adds a second pair.

## Bad
```dockerfile
FROM alpine
ENV GREETING hello world
LABEL maintainer ada
```

## Fixed
```dockerfile
FROM alpine
ENV GREETING="hello world"
LABEL maintainer=ada
```

## Good
```dockerfile
FROM alpine
ENV GREETING="hello world" NAME=ada
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import unquoted
from dockerlang.syntax import nodes
from dockerlang.syntax.scanner import UNICODE_BLANKS
from dockerlang.text import Span


@rule("LegacyKeyValueFormat", on=nodes.Env | nodes.Label, severity=Severity.WARNING)
def legacy_key_value_format(instruction: nodes.Env | nodes.Label, file: LintedFile) -> Iterator[Finding]:
    if not instruction.is_legacy or not instruction.pairs or instruction.pairs[0].value is None:
        return
    name = unquoted(instruction.pairs[0].name)
    yield Finding(
        instruction.pairs[0].span,
        f"`{name}` and its value are parted by a blank, the old way",
        _fix(instruction, file),
        help=f"write `{instruction.keyword.text} {name}=...`",
    )


def _fix(instruction: nodes.Env | nodes.Label, file: LintedFile) -> Fix | None:
    pair = instruction.pairs[0]
    value = pair.value
    assert value is not None
    # With a continuation between or inside them, or with quotes that do not hold the whole value, people know better.
    if instruction.comments or instruction.blank_lines or len(pair.span) != len(file.text(pair.span).strip()):
        return None
    if len(value.span) != len(value.text) or any(isinstance(piece, nodes.Malformed) for piece in value.pieces):
        return None
    text = value.text
    if text.startswith("=") or pair.name.text.endswith(":"):
        # It was hardly meant so: to keep it would hide the mistake.
        return None
    blanks = any(character in UNICODE_BLANKS for character in text)
    is_quoted = len(value.pieces) == 1 and isinstance(value.pieces[0], nodes.DoubleQuoted | nodes.SingleQuoted)
    if blanks and not is_quoted:
        if any(not isinstance(piece, nodes.Literal | nodes.Variable) for piece in value.pieces):
            return None
        text = f'"{text}"'
    return Fix("write it with `=`", (Edit(Span(pair.name.span.end, value.span.end), f"={text}"),))
