"""A pipe fails only if its last command fails, unless the shell is told otherwise.

With `curl ... | tar x` a failed download is not noticed. `-o pipefail` in SHELL, for a shell that knows it, makes the
whole pipe fail.

## Bad
```dockerfile
FROM debian:12
RUN curl -fsSL https://example.com/a.tar.gz | tar xz
```

## Fixed
```dockerfile
FROM debian:12
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
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

from dockerlang.diagnostics import Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.appending import newline_of, start_with_comments
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes
from dockerlang.text import Span

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
        _fix(run, file),
        help='put `SHELL ["/bin/bash", "-o", "pipefail", "-c"]` before it',
    )


def _fix(run: nodes.Run, file: LintedFile) -> Fix | None:
    """SHELL above the first such RUN of a stage, which holds for all that follow; an own SHELL is left to people."""
    stage = file.stages.stage_of(run)
    if stage is None or file.has_shell(run) or file.pragma_shell_of(run) is not None:
        return None
    first = next(
        (found for found in stage.instructions if isinstance(found, nodes.Run) and file.parsed(found).pipes), None
    )
    if first is not run:
        return None
    image = file.scopes.image_of(file.ancestry(stage)[-1]) or ""
    program = "/bin/ash" if "alpine" in image or "busybox" in image else "/bin/bash"
    at = start_with_comments(run, file)
    line = f'SHELL ["{program}", "-o", "pipefail", "-c"]{newline_of(file)}'
    return Fix("set a shell with pipefail", (Edit(Span(at, at), line),), Safety.UNSAFE)


def _has_pipefail(shell: tuple[str, ...]) -> bool:
    """Whether the option is among the shell's own: `-o pipefail`, also as `-eo pipefail` or in one word."""
    words = " ".join(shell).split()
    return "pipefail" in words and any(word.startswith("-") and "o" in word for word in words)
