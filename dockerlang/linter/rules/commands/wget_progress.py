"""wget's progress bar fills the build log.

Without a terminal every step of the bar is a line of its own.

## Bad
```dockerfile
FROM debian:12
RUN wget https://example.com/file
```

## Fixed
```dockerfile
FROM debian:12
RUN wget --progress=dot:giga https://example.com/file
```

## Good
```dockerfile
FROM debian:12
RUN wget -q https://example.com/file && wget -O- --no-verbose https://example.com/other
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Safety, Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.flag_edits import add_flag
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation

_QUIET = ("progress", "q", "quiet", "o", "output-file", "a", "append-output", "no-verbose", "nv")


@rule("DL3047", on=Invocation, of=("wget",), severity=Severity.INFO, on_triggers=True)
def wget_progress(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    if invocation.has_flag(*_QUIET) or invocation.has_argument("-nv"):
        return
    fix = add_flag(invocation, None, "--progress=dot:giga", Safety.SAFE)
    yield Finding(invocation.name_span, "the progress bar fills the log", fix, help="add `--progress=dot:giga` or `-q`")
