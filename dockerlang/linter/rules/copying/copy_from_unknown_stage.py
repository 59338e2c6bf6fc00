"""`COPY --from` names an earlier stage, its number, or an image.

A name that is no earlier stage is taken for an image, and the build tries to pull it. An image is meant where a tag
or digest is given.

## Bad
```dockerfile
FROM golang:1.22 AS build
FROM debian:12
COPY --from=builder /app /app
```

## Good
```dockerfile
FROM golang:1.22 AS build
FROM debian:12
COPY --from=build /app /app
COPY --from=0 /etc/ssl /etc/ssl
COPY --from=nginx:1.27 /etc/nginx /etc/nginx
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.stages import Stage, StageOrder, UnknownStage
from dockerlang.syntax import nodes


@rule("DL3022", on=Stage, severity=Severity.WARNING)
def copy_from_unknown_stage(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    for instruction in stage.instructions:
        flag = instruction.flag("from") if isinstance(instruction, nodes.Copy) else None
        if flag is None or flag.value is None or not flag.value.text:
            continue
        name = flag.value.text
        message = _problem(name, stage, file)
        if message:
            near = file.stages.near(name)
            yield Finding(flag.value.span, message, help=f"did you mean `{near[0]}`?" if near else "")


def _problem(name: str, stage: Stage, file: LintedFile) -> str:
    try:
        source = file.stages.source_of(name, stage)
    except UnknownStage:
        return f"there is no stage number {name}"
    except StageOrder as error:
        return "" if error.is_own else f"the stage `{error.stage.label}` comes after this one"
    if source is not None or ":" in name or "@" in name:
        return ""
    return f"`{name}` is no earlier stage"
