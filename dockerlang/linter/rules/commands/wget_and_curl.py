"""Use either wget or curl, not both.

One of them is enough for all downloads of a stage; the other only makes the image larger.

## Bad
```dockerfile
FROM debian:12
RUN wget -q https://example.com/a
RUN curl -fsSLO https://example.com/b
```

## Good
```dockerfile
FROM debian:12 AS fetch
RUN curl -fsSLO https://example.com/a
FROM alpine:3.20
RUN wget -q https://example.com/b
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Label, Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes

_TOOLS = ("wget", "curl")


@rule("DL4001", on=Stage, severity=Severity.WARNING)
def wget_and_curl(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    first: dict[str, Invocation] = {}
    for instruction in stage.instructions:
        run = instruction.trigger if isinstance(instruction, nodes.OnBuild) else instruction
        if not isinstance(run, nodes.Run):
            continue
        used = [invocation for invocation in file.invocations(run) if invocation.name in _TOOLS]
        for invocation in used:
            first.setdefault(invocation.name, invocation)
        if used and len(first) == len(_TOOLS):
            last = used[-1]
            other = first["curl" if last.name == "wget" else "wget"]
            yield Finding(
                last.name_span,
                f"`{last.name}` where the stage already uses `{other.name}`",
                labels=(Label(other.name_span, f"`{other.name}` is used here"),),
            )
