"""Do not name a stage with a reserved word.

`scratch` is the empty image and `context` the build context.

## Bad
```dockerfile
FROM alpine:3.20 AS context
```

## Good
```dockerfile
FROM alpine:3.20 AS sources
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.stages import Stage

RESERVED = frozenset({"scratch", "context"})


@rule("DL3063", on=Stage, severity=Severity.WARNING, twin="ReservedStageName")
def stage_named_as_reserved_word(stage: Stage, _file: LintedFile) -> Iterator[Finding]:
    name = stage.instruction.stage
    if name is not None and stage.name in RESERVED:
        yield Finding(name.span, f"`{stage.name}` is a reserved word", help="choose another name for the stage")
