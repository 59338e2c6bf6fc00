"""Several short RUNs in a row could be one.

Each RUN makes a layer and starts a shell; what one RUN deletes stays in the layer of the one before.

## Bad
```dockerfile
FROM debian:12
RUN mkdir /srv/app
RUN chown 1000 /srv/app
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

from collections.abc import Iterator
from itertools import pairwise

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes

# Two RUNs with more commands than this are left as they are: each is a step of its own.
_COMMANDS = 2


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
                help="join the commands with `&&`",
            )


def _is_foreign(run: nodes.Run, file: LintedFile) -> bool:
    """Whether the RUN is a script of another language, which cannot be joined with anything."""
    script = file.script(run)
    return script is not None and bool(script.interpreter) and not file.invocations(run)


def _same_flags(first: nodes.Run, second: nodes.Run) -> bool:
    return sorted(_flag_text(flag) for flag in first.flags) == sorted(_flag_text(flag) for flag in second.flags)


def _flag_text(flag: nodes.Flag) -> str:
    return f"{flag.name}={flag.value.text if flag.value is not None else ''}"
