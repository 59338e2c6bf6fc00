"""Variables are not expanded in exec form.

No shell is there to do it: the program gets `$HOME` as it is written.

## Bad
```dockerfile
FROM alpine:3.20
CMD ["serve", "--data", "$DATA_DIR"]
```

## Good
```dockerfile
FROM alpine:3.20
CMD ["sh", "-c", "exec serve --data \"$DATA_DIR\""]
RUN ["awk", "{ print $1 }", "/etc/passwd"]
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes

_VARIABLE = re.compile(r"\$(?:[A-Z_][A-Z0-9_]+\b|\{[A-Za-z_]\w*\})")
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh", "busybox", "envsubst", "perl", "php", "make", "eval"})
_Command = nodes.Cmd | nodes.Entrypoint | nodes.Run | nodes.Healthcheck


@rule("variable-in-exec-form", on=_Command, severity=Severity.WARNING, on_triggers=True)
def variable_in_exec_form(instruction: _Command, _file: LintedFile) -> Iterator[Finding]:
    command = instruction.command
    if not isinstance(command, nodes.ExecForm):
        return
    if any(element.text.rpartition("/")[2] in _SHELLS for element in command.elements):
        return
    for element in command.elements:
        match = _VARIABLE.search(element.text)
        if match is not None:
            yield Finding(
                element.span,
                f"`{match[0]}` is not expanded: no shell reads this array",
                help='let one do it: `["sh", "-c", "exec ..."]`',
            )
