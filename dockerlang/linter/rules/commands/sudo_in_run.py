"""Do without sudo.

RUN is root unless USER says otherwise; sudo brings its own environment, signal handling and a way back to root into
the image.

## Bad
```dockerfile
FROM debian:12
RUN sudo apt-get update
```

## Fixed
```dockerfile
FROM debian:12
RUN apt-get update
```

## Good
```dockerfile
FROM debian:12
USER root
RUN apt-get update
USER 1000
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation
from dockerlang.text import Span


@rule("DL3004", on=Invocation, of=("sudo",), severity=Severity.ERROR, on_triggers=True)
def sudo_in_run(invocation: Invocation, file: LintedFile) -> Iterator[Finding]:
    yield Finding(
        invocation.name_span,
        "`sudo` has no place in a RUN",
        _fix(invocation, file),
        help="set USER root before and the old user after it; use `gosu` where a process is to drop rights",
    )


def _fix(invocation: Invocation, file: LintedFile) -> Fix | None:
    """Take the word away where a plain command follows on the same line."""
    if invocation.is_exec_form or not invocation.arguments:
        return None
    first = invocation.arguments[0]
    between = file.text(Span(invocation.name_span.end, first.span.start))
    if first.text.startswith("-") or "=" in first.text or between.strip(" \t"):
        return None
    return Fix("leave it out", (Edit(Span(invocation.name_span.start, first.span.start), ""),), Safety.UNSAFE)
