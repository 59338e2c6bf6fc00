"""Write one CMD a stage.

The last one counts; those before it have no effect and mislead.

## Bad
```dockerfile
FROM alpine:3.20
CMD ["old"]
CMD ["new"]
```

## Fixed
```dockerfile
FROM alpine:3.20
CMD ["new"]
```

## Good
```dockerfile
FROM alpine:3.20 AS base
CMD ["old"]
FROM base
CMD ["new"]
```
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from dockerlang.diagnostics import Fix, Label, Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.removal import remove_item
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes


@rule("DL4003", on=Stage, severity=Severity.WARNING)
def several_commands(stage: Stage, _file: LintedFile) -> Iterator[Finding]:
    found = [instruction for instruction in stage.instructions if isinstance(instruction, nodes.Cmd)]
    for earlier, later in pairwise(found):
        yield Finding(
            later.keyword.span,
            "the stage already has a CMD, which this one replaces",
            Fix("remove the earlier one", (remove_item(earlier),)),
            labels=(Label(earlier.keyword.span, "has no effect"),),
        )
