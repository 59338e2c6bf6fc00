"""Give WORKDIR an absolute path.

A relative one goes below the directory that is current at that point, which may come from the base image.

## Bad
```dockerfile
FROM alpine:3.20
WORKDIR app
```

## Good
```dockerfile
FROM alpine:3.20
WORKDIR /app
WORKDIR $HOME/app
WORKDIR "C:\\app"
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import unquoted
from dockerlang.syntax import nodes

_DRIVE = re.compile(r"[A-Za-z]:")


@rule("DL3000", on=nodes.Workdir, severity=Severity.ERROR, twin="WorkdirRelativePath")
def relative_workdir(instruction: nodes.Workdir, _file: LintedFile) -> Iterator[Finding]:
    word = instruction.path
    if word is None:
        return
    path = unquoted(word)
    if not path.startswith(("/", "$")) and not _DRIVE.match(path):
        yield Finding(word.span, f"`{path}` is a relative path", help=f"write it in full: `/{path.removeprefix('./')}`")
