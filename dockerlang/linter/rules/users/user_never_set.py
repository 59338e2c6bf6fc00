"""Say as whom the container runs.

Without USER it is whoever the base image says, most often root. Off by default: base images that set a user are not
told from those that do not.

## Bad
```dockerfile
FROM debian:12
CMD ["serve"]
```

## Good
```dockerfile
FROM debian:12 AS base
USER 1000
FROM base
CMD ["serve"]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes


@rule("user-never-set", on=Stage, severity=Severity.WARNING, is_default=False)
def user_never_set(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    if stage.index != len(file.stages) - 1:
        return
    for each in file.ancestry(stage):
        if any(isinstance(instruction, nodes.User) for instruction in each.instructions):
            return
    image = stage.instruction.image
    place = image.span if image is not None else stage.instruction.keyword.span
    yield Finding(place, "nothing says as whom the container runs", help="end the last stage with `USER 1000`, say")
