"""CMD in shell form beside ENTRYPOINT gives it a shell as its arguments.

ENTRYPOINT in exec form gets CMD's words behind its own; in shell form these are `/bin/sh`, `-c` and the text.

## Bad
```dockerfile
FROM alpine:3.20
ENTRYPOINT ["serve"]
CMD port 80
```

## Fixed
```dockerfile
FROM alpine:3.20
ENTRYPOINT ["serve"]
CMD ["port", "80"]
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

from dockerlang.diagnostics import Label, Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.exec_form import as_exec_form
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes


@rule("command-as-arguments", on=Stage, severity=Severity.WARNING)
def command_as_arguments(stage: Stage, _file: LintedFile) -> Iterator[Finding]:
    commands = [found for found in stage.instructions if isinstance(found, nodes.Cmd)]
    entrypoints = [found for found in stage.instructions if isinstance(found, nodes.Entrypoint)]
    if not commands or not entrypoints or not isinstance(commands[-1].command, nodes.ShellForm):
        return
    entrypoint = entrypoints[-1].command
    command = commands[-1].command
    if isinstance(entrypoint, nodes.ExecForm) and entrypoint.elements and command.text.strip():
        program = entrypoint.elements[0].text
        yield Finding(
            command.span,
            f"`{program}` gets `/bin/sh`, `-c` and this text as its arguments",
            as_exec_form(command) if not commands[-1].comments else None,
            help="write CMD as a JSON array",
            labels=(Label(entrypoints[-1].statement, "gets them behind its own"),),
        )
