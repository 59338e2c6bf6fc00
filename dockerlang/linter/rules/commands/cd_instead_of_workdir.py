"""Use WORKDIR to change the directory.

`cd` ends with its RUN; WORKDIR also holds for the instructions below and for the container.

## Bad
```dockerfile
FROM debian:12
RUN cd /srv/app && make
```

## Good
```dockerfile
FROM debian:12
WORKDIR /srv/app
RUN make
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation


@rule("DL3003", on=Invocation, of=("cd",), severity=Severity.WARNING)
def cd_instead_of_workdir(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    target = invocation.operands()
    where = target[0].text if target else ""
    yield Finding(
        invocation.span,
        "`cd` holds for this RUN only",
        help=f"write `WORKDIR {where}` before it" if where.startswith("/") else "write a WORKDIR before it",
    )
