"""A stage cannot copy from itself.

## Bad
```dockerfile
FROM alpine:3.20 AS build
COPY --from=build /a /b
```

## Good
```dockerfile
FROM alpine:3.20 AS build
FROM alpine:3.20
COPY --from=build /a /b
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.stages import Stage, StageOrder, UnknownStage
from dockerlang.syntax import nodes


@rule("DL3023", on=Stage, severity=Severity.ERROR)
def copy_from_own_stage(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    for instruction in stage.instructions:
        flag = instruction.flag("from") if isinstance(instruction, nodes.Copy) else None
        if flag is None or flag.value is None:
            continue
        try:
            file.stages.source_of(flag.value.text, stage)
        except UnknownStage:
            continue
        except StageOrder as error:
            if error.is_own:
                yield Finding(
                    flag.value.span,
                    f"the stage `{flag.value.text}` copies from itself",
                    help="use `RUN cp` for files of the same stage",
                )
