"""Copying a whole file system from another stage undoes what stages are for.

Everything comes along, the build tools too; where that is meant, `FROM stage` says it and shares the layers.

## Bad
```dockerfile
FROM debian:12 AS build
FROM scratch
COPY --from=build / /
```

## Good
```dockerfile
FROM debian:12 AS build
FROM scratch
COPY --from=build /app /app
COPY --from=build /etc/ /etc/
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.facts.sources import text_of
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes


@rule("DL3067", on=nodes.Copy, severity=Severity.WARNING)
def whole_file_system_copied(instruction: nodes.Copy, _file: LintedFile) -> Iterator[Finding]:
    target = instruction.destination
    if instruction.flag("from") is None or target is None or text_of(target) != "/":
        return
    for source in instruction.sources:
        if text_of(source) == "/":
            yield Finding(source.span, "the whole file system is copied", help="copy only what is needed")
