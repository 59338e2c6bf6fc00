"""BuildKit: give each stage a name of its own.

Of two stages with one name the later is meant wherever the name is used after it, and the earlier cannot be reached
by name any more.

## Bad
```dockerfile
FROM debian:12 AS build
FROM alpine:3.20 AS build
```

## Good
```dockerfile
FROM debian:12 AS build
FROM alpine:3.20 AS run
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Label, Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, only, rule
from dockerlang.syntax import nodes


@rule("DuplicateStageName", on=nodes.Document, sees=only(), severity=Severity.WARNING, twin="DL3024")
def duplicate_stage_name(_document: nodes.Document, file: LintedFile) -> Iterator[Finding]:
    first: dict[str, nodes.Name] = {}
    for stage in file.stages:
        name = stage.instruction.stage
        if name is None:
            continue
        earlier = first.setdefault(stage.name, name)
        if earlier is not name:
            yield Finding(
                name.span,
                f"there is already a stage `{stage.name}`",
                labels=(Label(earlier.span, "the first stage of that name"),),
            )
