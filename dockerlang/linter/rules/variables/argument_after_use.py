"""Declare an ARG before the RUN that uses it.

An ARG holds from its line on. A RUN above it sees a name that is not set, which a shell takes for an empty text, and
`--build-arg` changes nothing there.

## Bad
```dockerfile
FROM alpine:3.20
RUN wget -q "https://example.com/app-${VERSION}.tar.gz"
ARG VERSION=1.2
```

## Good
```dockerfile
FROM alpine:3.20
ARG VERSION=1.2
RUN wget -q "https://example.com/app-${VERSION}.tar.gz" && echo '$MODE'
ARG MODE
ENV HOME_OF_APP=/app
RUN echo "$HOME_OF_APP"
ARG HOME_OF_APP
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Label, Severity
from dockerlang.linter.facts.script_variables import uses_in
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.predefined import is_proxy_argument
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes
from dockerlang.text import Span


@rule("argument-after-use", on=Stage, severity=Severity.WARNING)
def argument_after_use(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    later: dict[str, Span] = {}
    found: list[Finding] = []
    # From the end to the start: what was declared below an instruction is known when it is reached.
    for instruction in reversed(stage.instructions):
        if isinstance(instruction, nodes.Arg):
            later.update((each.name.text, each.name.span) for each in instruction.declarations)
        elif isinstance(instruction, nodes.Run) and later:
            known = file.scope_at(instruction).bindings
            for use in uses_in(instruction, file):
                if use.name in later and use.name not in known and not is_proxy_argument(use.name):
                    found.append(
                        Finding(
                            use.span,
                            f"`{use.name}` is not set here: its ARG comes later",
                            help=f"move `ARG {use.name}` above this RUN",
                            labels=(Label(later[use.name], "declared here"),),
                        )
                    )
    yield from reversed(found)
