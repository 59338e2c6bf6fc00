"""Several short RUNs in a row could be one.

Each RUN makes a layer and starts a shell; what one RUN deletes stays in the layer of the one before.

## Bad
```dockerfile
FROM debian:12
RUN mkdir /srv/app
RUN chown 1000 /srv/app
```

## Fixed
```dockerfile
FROM debian:12
RUN mkdir /srv/app \\
    && chown 1000 /srv/app
```

## Good
```dockerfile
FROM debian:12
RUN mkdir /srv/app && chown 1000 /srv/app
COPY app /srv/app/
RUN --mount=type=cache,target=/root/.cache install
RUN check
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from dockerlang.diagnostics import Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes
from dockerlang.text import Span

# Two RUNs with more commands than this are left as they are: each is a step of its own.
_COMMANDS = 2
_NOT_PLAIN = re.compile(r"\|\||;|#|\n|&\s*\Z|\bexit\b|\bexec\b|\bexport\b")
_CHANGES_SHELL = frozenset({"cd", "set", "source", ".", "umask", "ulimit", "alias", "trap", "unset", "shopt", "eval"})


@rule("DL3059", on=Stage, severity=Severity.INFO)
def consecutive_runs(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    for first, second in pairwise(stage.instructions):
        if not isinstance(first, nodes.Run) or not isinstance(second, nodes.Run) or not _same_flags(first, second):
            continue
        if _is_foreign(first, file) or _is_foreign(second, file):
            continue
        if max(len(file.invocations(first)), len(file.invocations(second))) < _COMMANDS:
            yield Finding(
                second.keyword.span,
                "this RUN and the one before could be one",
                _fix(first, second, file),
                help="join the commands with `&&`",
            )


def _fix(first: nodes.Run, second: nodes.Run, file: LintedFile) -> Fix | None:
    """Both joined by `&&`; None where something stands between them, or one is no plain chain of commands."""
    if not _is_plain(first, file) or not _is_plain(second, file):
        return None
    assert second.command is not None
    span = Span(first.statement.end, second.command.span.start)
    between = file.text(Span(first.statement.end, second.statement.start))
    if between.strip() or between.count("\n") != 1 or second.flags:
        return None
    joint = f" {file.document.escape}{between.strip(' ')}    && "
    return Fix("join them with `&&`", (Edit(span, joint),), Safety.UNSAFE)


def _is_plain(run: nodes.Run, file: LintedFile) -> bool:
    if not isinstance(run.command, nodes.ShellForm) or run.heredocs or run.comments:
        return False
    # What changes the shell itself would then hold for the second RUN, too.
    return not _NOT_PLAIN.search(run.command.text) and not any(
        found.name in _CHANGES_SHELL for found in file.invocations(run)
    )


def _is_foreign(run: nodes.Run, file: LintedFile) -> bool:
    """Whether the RUN is a script of another language, which cannot be joined with anything."""
    script = file.script(run)
    return script is not None and bool(script.interpreter) and not file.invocations(run)


def _same_flags(first: nodes.Run, second: nodes.Run) -> bool:
    return sorted(_flag_text(flag) for flag in first.flags) == sorted(_flag_text(flag) for flag in second.flags)


def _flag_text(flag: nodes.Flag) -> str:
    return f"{flag.name}={flag.value.text if flag.value is not None else ''}"
