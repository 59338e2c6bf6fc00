"""Write CMD, ENTRYPOINT and HEALTHCHECK in exec form.

In shell form a shell is the container's first process and passes no signals on: `docker stop` waits ten seconds and
kills.

## Bad
```dockerfile
FROM alpine:3.20
CMD nginx -g "daemon off"
```

## Fixed
```dockerfile
FROM alpine:3.20
CMD ["nginx", "-g", "daemon off"]
```

## Good
```dockerfile
FROM alpine:3.20
ENTRYPOINT ["/usr/bin/serve"]
CMD ["--port", "80"]
HEALTHCHECK CMD ["check"]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.exec_form import as_exec_form
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes

_Command = nodes.Cmd | nodes.Entrypoint | nodes.Healthcheck


@rule("DL3025", on=_Command, severity=Severity.WARNING, twin="JSONArgsRecommended")
def shell_form(instruction: _Command, _file: LintedFile) -> Iterator[Finding]:
    if isinstance(instruction.command, nodes.ShellForm):
        yield Finding(
            instruction.command.span,
            f"{instruction.keyword.text.upper()} in shell form runs a shell that passes no signals on",
            as_exec_form(instruction.command) if not instruction.comments else None,
            help='write it as a JSON array: `["command", "argument"]`',
        )
