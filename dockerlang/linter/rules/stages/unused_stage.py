"""A stage that nothing uses is never built.

Only the last stage, and what it is built on or copies from, is built; BuildKit skips the others without a word. A
named stage that is built on another one (`FROM base AS test`) is taken for a target of its own and counts as used.

## Bad
```dockerfile
FROM golang:1.22 AS build
RUN go build -o /app .
FROM debian:12
CMD ["/app"]
```

## Good
```dockerfile
FROM golang:1.22 AS build
RUN go build -o /app .
FROM debian:12
COPY --from=build /app /app
CMD ["/app"]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity, Tag
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.stage_graph import reachable
from dockerlang.semantics.stages import Stage, takes_files
from dockerlang.syntax import nodes


@rule("unused-stage", on=nodes.Document, sees=takes_files, severity=Severity.INFO, tags=(Tag.UNNECESSARY,))
def unused_stage(_document: nodes.Document, file: LintedFile) -> Iterator[Finding]:
    stages = file.stages.stages
    if len(stages) < 2:
        return
    used = {stage.index for target in _targets(file) for stage in reachable(file.stages, target, file.base_of)}
    for stage in stages:
        if stage.index not in used:
            name = stage.instruction.stage
            what = f"the stage `{stage.name}`" if stage.name else "this stage"
            yield Finding(
                name.span if name is not None else stage.instruction.keyword.span,
                f"nothing uses {what}: the last stage is built without it",
                help="copy from it, remove it, or build it with --target",
            )


def _targets(file: LintedFile) -> Iterator[Stage]:
    """The last stage, and those that look as if they were meant for `--target`."""
    for stage in file.stages:
        if stage.index == len(file.stages) - 1 or (stage.name and file.base_of(stage) is not None):
            yield stage
