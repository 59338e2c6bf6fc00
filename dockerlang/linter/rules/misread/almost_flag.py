"""A flag needs two hyphens.

With one, or with the dash of a word processor, it is the name of a file or a command.

## Bad
```dockerfile
FROM alpine:3.20
COPY -chown=1000 app /app
```

## Fixed
```dockerfile
FROM alpine:3.20
COPY --chown=1000 app /app
```

## Good
```dockerfile
FROM alpine:3.20
COPY --chown=1000 app /app
RUN -x || true
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic, Fix, Severity
from dockerlang.linter.facts.misread import misread, replacing, suggested
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes


@rule(
    "almost-flag",
    on=nodes.Run | nodes.Copy | nodes.Add | nodes.Volume,
    severity=Severity.WARNING,
    on_triggers=True,
)
def almost_flag(instruction: nodes.Instruction, _file: LintedFile) -> Iterator[Finding]:
    yield from misread("almost-flag", instruction, _with_two_hyphens)


def _with_two_hyphens(doubt: Diagnostic) -> Fix | None:
    flag = suggested(doubt)
    return replacing(doubt, f"write `{flag}`", flag) if flag is not None else None
