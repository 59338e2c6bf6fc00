"""`$(...)` is not run in ENV and ARG.

No shell reads these lines: the variable holds the characters as they are written.

## Bad
```dockerfile
FROM alpine:3.20
ENV BUILT=$(date)
```

## Good
```dockerfile
FROM alpine:3.20
ARG BUILT
RUN date > /built
ENV PS1='$(pwd) '
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.facts.misread import misread
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes


@rule("command-in-value", on=nodes.Env | nodes.Arg, severity=Severity.WARNING, on_triggers=True)
def command_in_value(instruction: nodes.Env | nodes.Arg, _file: LintedFile) -> Iterator[Finding]:
    yield from misread("command-in-value", instruction)
