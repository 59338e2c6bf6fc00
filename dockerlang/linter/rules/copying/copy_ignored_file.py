"""BuildKit: do not copy what the ignore file keeps out of the build.

Needs to know the ignore file. With exceptions (`!`) in it nothing is said, as in the reference: an excluded folder
can then still hold files that are let through.

## Bad
```dockerignore
dist
```
```dockerfile
FROM alpine
COPY dist/app /app
```

## Good
```dockerignore
dist
```
```dockerfile
FROM alpine AS build
COPY src /src
FROM alpine
COPY --from=build dist/app /app
ADD https://example.com/dist dist
```
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.facts.sources import is_remote
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.expand import ExpansionError, expand
from dockerlang.syntax import nodes


@rule("CopyIgnoredFile", on=nodes.Copy | nodes.Add, severity=Severity.WARNING)
def copy_ignored_file(instruction: nodes.Transfer, file: LintedFile) -> Iterator[Finding]:
    ignore = file.surroundings.ignore_file
    if ignore is None or ignore.problems or ignore.has_exceptions:
        return
    if instruction.flag("from") is not None or instruction.destination is None:
        return
    for source in instruction.sources:
        if not isinstance(source, nodes.Word):
            continue
        try:
            path = expand(source, file.scope_at(instruction).environment).text
        except ExpansionError:
            continue
        in_context = posixpath.normpath("/" + path).lstrip("/")
        if not in_context or is_remote(path):
            continue
        decision = ignore.decide(in_context)
        if decision is not None and decision.is_ignored:
            yield Finding(
                source.span,
                f"`{path}` is not in the build context",
                note=f"hidden by {decision.describe()}",
                help="take that line out of the ignore file, or build from another context",
            )
