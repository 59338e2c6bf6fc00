"""ENTRYPOINT takes away the CMD of the stage below it.

An inherited CMD was meant for the inherited ENTRYPOINT; a new one resets it.

## Bad
```dockerfile
FROM alpine:3.20 AS base
CMD ["--port", "80"]
FROM base
ENTRYPOINT ["serve"]
```

## Good
```dockerfile
FROM alpine:3.20 AS base
CMD ["--port", "80"]
FROM base
ENTRYPOINT ["serve"]
CMD ["--port", "80"]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Label, Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes


@rule("command-lost", on=Stage, severity=Severity.WARNING)
def command_lost(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    entrypoint = next((found for found in stage.instructions if isinstance(found, nodes.Entrypoint)), None)
    if entrypoint is None or any(isinstance(found, nodes.Cmd) for found in stage.instructions):
        return
    for base in file.ancestry(stage)[1:]:
        for instruction in reversed(base.instructions):
            if isinstance(instruction, nodes.Entrypoint):
                return
            if isinstance(instruction, nodes.Cmd):
                yield Finding(
                    entrypoint.keyword.span,
                    "the CMD of the stage below is reset here",
                    help="write CMD once more, below this ENTRYPOINT",
                    labels=(Label(instruction.statement, "no longer holds"),),
                )
                return
