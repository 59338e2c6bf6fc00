"""What looks like a JSON array and is none is given to a shell, or split at its blanks.

Single quotes, the curly quotes of a word processor, or a comma too many: the build goes on, and the image starts a
program called `[`.

## Bad
```dockerfile
FROM alpine:3.20
CMD ['serve', '--all']
```
```dockerfile
FROM alpine:3.20
ENTRYPOINT [“serve”, “--all”]
```

## Fixed
```dockerfile
FROM alpine:3.20
CMD ["serve", "--all"]
```
```dockerfile
FROM alpine:3.20
ENTRYPOINT ["serve", "--all"]
```

## Good
```dockerfile
FROM alpine:3.20
RUN [ -f /etc/passwd ]
CMD ["serve", "--all"]
```
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic, Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.facts.misread import as_findings
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes
from dockerlang.syntax.checks.arrays import LOOKALIKES
from dockerlang.syntax.suspicions import instruction_suspicions
from dockerlang.text import Span

_MEANT = str.maketrans({**{sign: meant for sign, meant in LOOKALIKES.items() if meant in "\"',[] "}, "'": '"'})
_ALSO_SINGLE = str.maketrans({"'": '"'})


@rule(
    "almost-array",
    on=nodes.Cmd | nodes.Entrypoint | nodes.Run | nodes.Healthcheck | nodes.Copy | nodes.Add | nodes.Volume | nodes.User
    | nodes.Workdir,
    severity=Severity.WARNING,
    on_triggers=True,
)  # fmt: skip
def almost_array(instruction: nodes.Instruction, file: LintedFile) -> Iterator[Finding]:
    def repair(_doubt: Diagnostic) -> Fix | None:
        span = _array_in(instruction, file)
        array = _as_array(file.text(span)) if span is not None else None
        if span is None or array is None:
            return None
        return Fix("write a JSON array", (Edit(span, array),), Safety.UNSAFE)

    yield from as_findings("almost-array", instruction_suspicions(instruction), repair)


def _array_in(instruction: nodes.Instruction, file: LintedFile) -> Span | None:
    """Where the text stands that should be an array: the rest of the instruction from its bracket on."""
    if isinstance(instruction, nodes.User | nodes.Workdir):
        return None
    end = instruction.statement.end
    flags = max([instruction.keyword.span.end, *(flag.span.end for flag in instruction.flags)])
    at = file.document.source.text.find("[", flags, end)
    return Span(at, end) if at >= 0 else None


def _as_array(text: str) -> str | None:
    """The text with the quotes and commas that were meant; None where that does not make an array of strings."""
    candidate = text.translate(_MEANT).translate(_ALSO_SINGLE).rstrip()
    head, bracket, tail = candidate.rpartition("]")
    if bracket and not tail.strip():
        candidate = head.rstrip().removesuffix(",") + "]"
    try:
        value = json.loads(candidate)
    except ValueError:
        return None
    is_array = isinstance(value, list) and bool(value) and all(isinstance(element, str) for element in value)
    return json.dumps(value, ensure_ascii=False) if is_array else None
