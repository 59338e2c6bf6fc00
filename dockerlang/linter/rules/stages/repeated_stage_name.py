"""Give each stage a name of its own.

`COPY --from=build` and `FROM build` mean the last stage of that name before them; whoever reads the file has to find
out which one that is.

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


@rule("DL3024", on=nodes.Document, sees=only(), severity=Severity.ERROR, twin="DuplicateStageName")
def repeated_stage_name(_document: nodes.Document, file: LintedFile) -> Iterator[Finding]:
    first: dict[str, nodes.Name] = {}
    for stage in file.stages:
        name = stage.instruction.stage
        if name is None:
            continue
        earlier = first.setdefault(stage.name, name)
        if earlier is not name:
            yield Finding(
                name.span,
                f"the name `{stage.name}` is already taken by an earlier stage",
                labels=(Label(earlier.span, "taken here"),),
            )
