"""BuildKit: give CMD and ENTRYPOINT their arguments as a JSON array.

In shell form the process is a child of a shell, which does not pass signals on. Where SHELL was set the choice of a
shell is taken to be meant.

## Bad
```dockerfile
FROM alpine
ENTRYPOINT serve --port 80
```

## Fixed
```dockerfile
FROM alpine
ENTRYPOINT ["serve", "--port", "80"]
```

## Good
```dockerfile
FROM alpine
CMD ["serve"]
SHELL ["/bin/bash", "-c"]
CMD exec serve --port "$PORT"
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.exec_form import as_exec_form
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes


@rule("JSONArgsRecommended", on=nodes.Cmd | nodes.Entrypoint, severity=Severity.WARNING, twin="DL3025")
def json_args_recommended(instruction: nodes.Cmd | nodes.Entrypoint, file: LintedFile) -> Iterator[Finding]:
    command = instruction.command
    if isinstance(command, nodes.ExecForm) or file.has_shell(instruction):
        return
    yield Finding(
        command.span if command is not None else instruction.keyword.span,
        f"{instruction.keyword.text.upper()} in shell form keeps signals from the process",
        as_exec_form(command) if command is not None and not instruction.comments else None,
        help='write it as a JSON array: `["command", "argument"]`',
    )
