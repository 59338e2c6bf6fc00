"""BuildKit: of several CMD, ENTRYPOINT or HEALTHCHECK in a stage only the last counts.

The finding stands at those that have no effect.

## Bad
```dockerfile
FROM alpine
CMD ["build"]
CMD ["serve"]
```

## Fixed
```dockerfile
FROM alpine
CMD ["serve"]
```

## Good
```dockerfile
FROM alpine AS base
CMD ["build"]
FROM base
CMD ["serve"]
```
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from dockerlang.diagnostics import Fix, Label, Severity, Tag
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.removal import remove_item
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes


@rule("MultipleInstructionsDisallowed", on=Stage, severity=Severity.WARNING, tags=(Tag.UNNECESSARY,))
def multiple_instructions_disallowed(stage: Stage, _file: LintedFile) -> Iterator[Finding]:
    for kind in (nodes.Cmd, nodes.Entrypoint, nodes.Healthcheck):
        found = [instruction for instruction in stage.instructions if isinstance(instruction, kind)]
        for earlier, later in pairwise(found):
            yield Finding(
                earlier.statement,
                f"this {kind.KEYWORD} has no effect: a later one in the stage replaces it",
                Fix("remove it", (remove_item(earlier),)),
                labels=(Label(later.keyword.span, "this one counts"),),
                raised_by=later.span,
            )
