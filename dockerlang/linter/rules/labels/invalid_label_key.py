"""Names of labels are lower case, with dots, hyphens and underscores inside only.

`com.docker.*`, `io.docker.*` and `org.dockerproject.*` are reserved for Docker itself.

## Bad
```dockerfile
FROM alpine:3.20
LABEL Maintainer=ada
```

## Fixed
```dockerfile
FROM alpine:3.20
LABEL maintainer=ada
```

## Good
```dockerfile
FROM alpine:3.20
LABEL org.opencontainers.image.title=demo com.example.team-name=core
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import has_variable, unquoted
from dockerlang.syntax import nodes

_KEY = re.compile(r"(?!.*(?:\.\.|--))[a-z](?:[a-z0-9_./-]*[a-z0-9])?")
_RESERVED = ("com.docker.", "io.docker.", "org.dockerproject.")


@rule("DL3048", on=nodes.Label, severity=Severity.STYLE)
def invalid_label_key(instruction: nodes.Label, _file: LintedFile) -> Iterator[Finding]:
    for pair in instruction.pairs:
        name = unquoted(pair.name)
        if not name or has_variable(pair.name):
            continue
        if name.startswith(_RESERVED):
            yield Finding(pair.name.span, f"`{name}` is in a name space that belongs to Docker")
        elif not _KEY.fullmatch(name):
            yield Finding(
                pair.name.span,
                f"`{name}` is no good name for a label",
                _fix(pair.name, name),
                help="use lower-case letters, digits, and single dots and hyphens between them",
            )


def _fix(word: nodes.Word, name: str) -> Fix | None:
    """The same in lower case, with hyphens for blanks, where that is enough."""
    better = re.sub(r"[ _]+", "-", name.strip()).lower()
    if not _KEY.fullmatch(better) or better.startswith(_RESERVED):
        return None
    return Fix(f"call it `{better}`", (Edit(word.span, better),), Safety.UNSAFE)
