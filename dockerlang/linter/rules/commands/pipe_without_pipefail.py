"""A pipe fails only if its last command fails, unless the shell is told otherwise.

With `curl ... | tar x` a failed download is not noticed. `-o pipefail` in SHELL, for a shell that knows it, makes the
whole pipe fail.

## Bad
```dockerfile
FROM debian:12
RUN curl -fsSL https://example.com/a.tar.gz | tar xz
```

## Good
```dockerfile
FROM debian:12
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN curl -fsSL https://example.com/a.tar.gz | tar xz
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes

# dash, Debian's /bin/sh, has no such option.
_KNOW_PIPEFAIL = frozenset({"bash", "ash", "zsh", "ksh", "busybox"})


@rule("DL4006", on=nodes.Run, severity=Severity.WARNING)
def pipe_without_pipefail(run: nodes.Run, file: LintedFile) -> Iterator[Finding]:
    pipes = file.parsed(run).pipes
    if not pipes or (file.dialect_of(run) in _KNOW_PIPEFAIL and _has_pipefail(file.shell_of(run))):
        return
    yield Finding(
        pipes[0],
        "a failure before the pipe goes unnoticed",
        help='put `SHELL ["/bin/bash", "-o", "pipefail", "-c"]` before it',
    )


def _has_pipefail(shell: tuple[str, ...]) -> bool:
    """Whether the option is among the shell's own: `-o pipefail`, also as `-eo pipefail` or in one word."""
    words = " ".join(shell).split()
    return "pipefail" in words and any(word.startswith("-") and "o" in word for word in words)
