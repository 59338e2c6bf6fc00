"""In an empty image there is nothing to run.

`scratch` has no shell and no programs; what RUN needs has to be copied first.

## Bad
```dockerfile
FROM scratch
RUN echo hello > /greeting
```

## Good
```dockerfile
FROM busybox:1.36 AS tools
RUN echo hello > /greeting
FROM scratch
COPY --from=tools /bin /bin
RUN echo hello > /greeting
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes


@rule("run-in-empty-image", on=Stage, severity=Severity.ERROR)
def run_in_empty_image(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    chain = file.ancestry(stage)
    if file.scopes.image_of(chain[-1]) != "scratch":
        return
    if any(isinstance(found, nodes.Transfer) for base in chain[1:] for found in base.instructions):
        return
    for instruction in stage.instructions:
        if isinstance(instruction, nodes.Transfer):
            return
        if isinstance(instruction, nodes.Run) and not instruction.mounts:
            yield Finding(
                instruction.keyword.span,
                "`scratch` has no shell and no programs",
                help="copy what it needs before it, or do it in another stage and copy the result",
            )
            return
