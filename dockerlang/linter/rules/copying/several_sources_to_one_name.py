"""Several sources need a destination that ends with a slash.

Without it the destination is a file unless a directory of that name is already there: each source replaces the one
before, and only the last is left.

## Bad
```dockerfile
FROM alpine:3.20
COPY package.json package-lock.json /app
```

## Fixed
```dockerfile
FROM alpine:3.20
COPY package.json package-lock.json /app/
```

## Good
```dockerfile
FROM alpine:3.20
COPY package.json package-lock.json /app/
COPY ["a", "b", "/srv/"]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import unquoted
from dockerlang.syntax import nodes
from dockerlang.text import Span


@rule("DL3021", on=nodes.Copy, severity=Severity.ERROR)
def several_sources_to_one_name(instruction: nodes.Copy, _file: LintedFile) -> Iterator[Finding]:
    target = instruction.destination
    if len(instruction.sources) < 2 or not isinstance(target, nodes.Word):
        return
    path = unquoted(target)
    if path.endswith(("/", "\\")):
        return
    yield Finding(
        target.span,
        f"`{path}` does not end with a slash, and {len(instruction.sources)} sources go there",
        _fix(target, path),
        help=f"write `{path}/`",
    )


def _fix(target: nodes.Word, path: str) -> Fix:
    is_quoted = isinstance(target, nodes.JsonString) or target.text.endswith(("'", '"'))
    at = target.span.end - is_quoted
    # `.` and `..` are directories anyway; elsewhere a file becomes a directory.
    safety = Safety.SAFE if path.rpartition("/")[2] in (".", "..") else Safety.UNSAFE
    return Fix("end it with a slash", (Edit(Span(at, at), "/"),), safety)
