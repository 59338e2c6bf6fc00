"""BuildKit: `scratch` and `context` are no names for stages.

`FROM scratch` means the empty image, and `context` the build context; a stage of that name hides them.

## Bad
```dockerfile
FROM alpine AS scratch
```

## Good
```dockerfile
FROM alpine AS from-scratch
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.stages import Stage

RESERVED = frozenset({"scratch", "context"})


@rule("ReservedStageName", on=Stage, severity=Severity.WARNING, twin="DL3063")
def reserved_stage_name(stage: Stage, _file: LintedFile) -> Iterator[Finding]:
    name = stage.instruction.stage
    if name is not None and stage.name in RESERVED:
        yield Finding(name.span, f"`{stage.name}` has a meaning of its own and should not name a stage")
