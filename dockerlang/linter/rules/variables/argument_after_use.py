"""Declare an ARG before the RUN that uses it.

An ARG holds from its line on. A RUN above it sees a name that is not set, which a shell takes for an empty text, and
`--build-arg` changes nothing there.

## Bad
```dockerfile
FROM alpine:3.20
RUN wget -q "https://example.com/app-${VERSION}.tar.gz"
ARG VERSION=1.2
```

## Fixed
```dockerfile
FROM alpine:3.20
ARG VERSION=1.2
RUN wget -q "https://example.com/app-${VERSION}.tar.gz"
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

from dockerlang.diagnostics import Fix, Label, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.facts.script_variables import uses_in
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.appending import start_with_comments
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.predefined import is_proxy_argument
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes
from dockerlang.text import Span


@rule("argument-after-use", on=Stage, severity=Severity.WARNING)
def argument_after_use(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    later: dict[str, tuple[Span, nodes.Arg]] = {}
    found: list[Finding] = []
    # From the end to the start: what was declared below an instruction is known when it is reached.
    for instruction in reversed(stage.instructions):
        if isinstance(instruction, nodes.Arg):
            later.update((each.name.text, (each.name.span, instruction)) for each in instruction.declarations)
        elif isinstance(instruction, nodes.Run) and later:
            known = file.scope_at(instruction).bindings
            for use in uses_in(instruction, file):
                if use.name in later and use.name not in known and not is_proxy_argument(use.name):
                    found.append(
                        Finding(
                            use.span,
                            f"`{use.name}` is not set here: its ARG comes later",
                            _fix(instruction, later[use.name][1], file),
                            help=f"move `ARG {use.name}` above this RUN",
                            labels=(Label(later[use.name][0], "declared here"),),
                        )
                    )
    yield from reversed(found)


def _fix(run: nodes.Run, argument: nodes.Arg, file: LintedFile) -> Fix | None:
    """The line of the ARG moved up, where it declares nothing else."""
    text = file.text(argument.span)
    if len(argument.declarations) != 1 or not text.endswith("\n") or argument.comments:
        return None
    at = start_with_comments(run, file)
    edits = (Edit(Span(at, at), text), Edit(argument.span, ""))
    return Fix(f"move `ARG {argument.declarations[0].name.text}` up", edits, Safety.UNSAFE)
