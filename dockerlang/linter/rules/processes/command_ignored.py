"""ENTRYPOINT in shell form takes no arguments: CMD has no effect.

## Bad
```dockerfile
FROM alpine:3.20
ENTRYPOINT serve
CMD ["--port", "80"]
```

## Fixed
```dockerfile
FROM alpine:3.20
ENTRYPOINT serve
```

## Good
```dockerfile
FROM alpine:3.20
ENTRYPOINT ["serve"]
CMD ["--port", "80"]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Label, Safety, Severity, Tag
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.removal import remove_item
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes


@rule("command-ignored", on=Stage, severity=Severity.WARNING, tags=(Tag.UNNECESSARY,))
def command_ignored(stage: Stage, _file: LintedFile) -> Iterator[Finding]:
    commands = [found for found in stage.instructions if isinstance(found, nodes.Cmd)]
    entrypoints = [found for found in stage.instructions if isinstance(found, nodes.Entrypoint)]
    if commands and entrypoints and isinstance(entrypoints[-1].command, nodes.ShellForm):
        yield Finding(
            commands[-1].statement,
            "this CMD has no effect",
            Fix("remove it", (remove_item(commands[-1]),), Safety.UNSAFE),
            help="write ENTRYPOINT as a JSON array, so that it takes arguments",
            labels=(Label(entrypoints[-1].statement, "a shell runs it, without arguments"),),
        )
