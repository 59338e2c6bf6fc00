"""Some commands make no sense while an image is built.

There is no session to log into, nothing to edit by hand and no service manager; processes that a RUN starts end with
it.

## Bad
```dockerfile
FROM debian:12
RUN service nginx start
```

## Good
```dockerfile
FROM debian:12
RUN nginx -t
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation


@rule(
    "DL3001",
    on=Invocation,
    of=("free", "kill", "mount", "ps", "service", "shutdown", "ssh", "top", "vim"),
    severity=Severity.INFO,
    on_triggers=True,
)
def useless_command(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    yield Finding(invocation.name_span, f"`{invocation.name}` makes no sense while an image is built")
