"""BuildKit: write names of stages in lower case.

`--from` and `--target` do not care, but `FROM Build` never finds a stage that was named `Build`: names are stored in
lower case, and FROM compares exactly.

## Bad
```dockerfile
FROM alpine AS Build
FROM scratch
COPY --from=Build /app /app
```

## Fixed
```dockerfile
FROM alpine AS build
FROM scratch
COPY --from=Build /app /app
```

## Good
```dockerfile
FROM alpine AS build
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes


@rule("StageNameCasing", on=nodes.From, severity=Severity.WARNING)
def stage_name_casing(instruction: nodes.From, _file: LintedFile) -> Iterator[Finding]:
    name = instruction.stage
    if name is None or name.text == name.text.lower() or instruction.extra:
        return
    lowered = name.text.lower()
    yield Finding(
        name.span,
        f"the name of the stage `{name.text}` is not in lower case",
        Fix(f"write {lowered}", (Edit(name.span, lowered),)),
    )
