"""An image should say how to find out whether it works.

Off by default: orchestrators such as Kubernetes bring checks of their own.

## Bad
```dockerfile
FROM alpine:3.20
CMD ["serve"]
```

## Good
```dockerfile
FROM alpine:3.20
HEALTHCHECK CMD ["check"]
CMD ["serve"]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, only, rule
from dockerlang.syntax import nodes


@rule("DL3057", on=nodes.Document, sees=only(nodes.Healthcheck), severity=Severity.INFO, is_default=False)
def missing_healthcheck(_document: nodes.Document, file: LintedFile) -> Iterator[Finding]:
    checked = {
        stage.index
        for stage in file.stages
        if any(isinstance(instruction, nodes.Healthcheck) for instruction in stage.instructions)
    }
    # A check is inherited by what is built on the stage; and a stage may leave it to what is built on it.
    fine = set(checked)
    for stage in file.stages:
        line = {relative.index for relative in file.ancestry(stage)}
        if stage.index in checked:
            fine |= line
        elif line & checked:
            fine.add(stage.index)
    for stage in file.stages:
        if stage.index not in fine:
            yield Finding(stage.instruction.keyword.span, "the stage has no HEALTHCHECK")
