"""A container needs no SSH server.

`docker exec` opens a shell in it without a port, a key or a password.

## Bad
```dockerfile
FROM debian:12
EXPOSE 22
```

## Good
```dockerfile
FROM debian:12
EXPOSE 2222 8022/tcp
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes


@rule("ssh-port", on=nodes.Expose, severity=Severity.INFO, on_triggers=True)
def ssh_port(instruction: nodes.Expose, _file: LintedFile) -> Iterator[Finding]:
    for port in instruction.ports:
        if port.text in ("22", "22/tcp"):
            yield Finding(port.span, "port 22 is SSH's", help="enter the container with `docker exec`")
