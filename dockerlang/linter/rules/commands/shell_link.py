"""Use SHELL to change the shell of RUN, not a link over /bin/sh.

The link changes what every script in the image runs with; SHELL says what is meant, to the reader and to tools.

## Bad
```dockerfile
FROM debian:12
RUN ln -sf /bin/bash /bin/sh
```

## Fixed
```dockerfile
FROM debian:12
SHELL ["/bin/bash", "-c"]
```

## Good
```dockerfile
FROM debian:12
SHELL ["/bin/bash", "-c"]
RUN ln -s /opt/tool/bin/tool /usr/local/bin/tool
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes


@rule("DL4005", on=nodes.Run, severity=Severity.WARNING, on_triggers=True)
def shell_link(run: nodes.Run, file: LintedFile) -> Iterator[Finding]:
    invocations = file.invocations(run)
    for invocation in invocations:
        if invocation.name != "ln" or not invocation.has_argument("/bin/sh"):
            continue
        yield Finding(
            invocation.span,
            "a link over /bin/sh changes the shell of everything in the image",
            _fix(run, file) if len(invocations) == 1 and invocation.has_argument("/bin/bash") else None,
            help='write `SHELL ["/bin/bash", "-c"]`',
        )


def _fix(run: nodes.Run, file: LintedFile) -> Fix | None:
    if run.flags or run.heredocs or "\n" in file.text(run.statement):
        return None
    return Fix("use SHELL", (Edit(run.statement, 'SHELL ["/bin/bash", "-c"]'),), Safety.UNSAFE)
