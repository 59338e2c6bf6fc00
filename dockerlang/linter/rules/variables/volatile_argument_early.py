"""Declare what changes with every build below what takes long.

An ARG is part of the environment of each RUN below it: with another commit or another date as its value, all of them
run again, whether they use it or not.

## Bad
```dockerfile
FROM debian:12
ARG GIT_COMMIT
RUN apt-get update && apt-get install -y build-essential
RUN echo "$GIT_COMMIT" > /version
```

## Good
```dockerfile
FROM debian:12
RUN apt-get update && apt-get install -y build-essential
ARG GIT_COMMIT
RUN echo "$GIT_COMMIT" > /version
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Label, Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.packages import Action, package_call
from dockerlang.semantics.scripts import Invocation
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes

_VOLATILE = re.compile(
    r"(?:VCS|GIT|CI|SOURCE|GITHUB)_(?:COMMIT(?:_\w+)?|SHA|REF|REVISION|HASH)|COMMIT(?:_SHA|_HASH|_ID)?|REVISION"
    r"|BUILD_(?:DATE|TIME|NUMBER|ID|TIMESTAMP|REVISION)"
)


@rule("volatile-argument-early", on=Stage, severity=Severity.INFO)
def volatile_argument_early(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    pending: dict[str, nodes.Declaration] = {}
    for instruction in stage.instructions:
        if isinstance(instruction, nodes.Arg):
            for declaration in instruction.declarations:
                if _VOLATILE.fullmatch(declaration.name.text):
                    pending[declaration.name.text] = declaration
        elif pending and isinstance(instruction, nodes.Run):
            text = file.text(instruction.code_span)
            if any(name in text for name in pending):
                # It is needed here; what comes below has to run again anyway.
                pending.clear()
            install = _install_in(instruction, file)
            if pending and install is not None:
                for name, declaration in pending.items():
                    yield Finding(
                        declaration.name.span,
                        f"every RUN below runs again when `{name}` changes",
                        help=f"move `ARG {name}` to right above the instruction that uses it",
                        labels=(Label(install.span, "this one, too, without need"),),
                    )
                return


def _install_in(run: nodes.Run, file: LintedFile) -> Invocation | None:
    for invocation in file.invocations(run):
        call = package_call(invocation)
        if call is not None and call.action is Action.INSTALL:
            return invocation
    return None
