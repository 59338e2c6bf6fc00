"""Several sources of ADD need a destination that ends with a slash.

Without it the destination is a file unless a directory of that name is already there: each source replaces the one
before, and only the last is left. For COPY this is DL3021.

## Bad
```dockerfile
FROM alpine:3.20
ADD https://example.com/a https://example.com/b /srv
```

## Fixed
```dockerfile
FROM alpine:3.20
ADD https://example.com/a https://example.com/b /srv/
```

## Good
```dockerfile
FROM alpine:3.20
ADD https://example.com/a https://example.com/b /srv/
ADD ["https://example.com/a", "https://example.com/b", "/srv/"]
ADD https://example.com/a /a
ADD https://example.com/a https://example.com/b $TARGET
ADD https://example.com/a https://example.com/b .
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import has_variable, unquoted
from dockerlang.syntax import nodes
from dockerlang.text import Span


@rule("several-sources-added-to-one-name", on=nodes.Add, severity=Severity.WARNING)
def several_sources_added_to_one_name(instruction: nodes.Add, _file: LintedFile) -> Iterator[Finding]:
    target = instruction.destination
    if len(instruction.sources) < 2 or not isinstance(target, nodes.Word) or has_variable(target):
        return
    path = unquoted(target)
    # `.` and `..` are directories anyway.
    if path.endswith(("/", "\\")) or path.rpartition("/")[2] in (".", ".."):
        return
    is_quoted = isinstance(target, nodes.JsonString) or target.text.endswith(("'", '"'))
    at = target.span.end - is_quoted
    yield Finding(
        target.span,
        f"`{path}` does not end with a slash, and {len(instruction.sources)} sources go there",
        Fix("end it with a slash", (Edit(Span(at, at), "/"),), Safety.UNSAFE),
        help=f"write `{path}/`",
    )
