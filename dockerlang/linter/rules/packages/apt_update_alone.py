"""Do not give `apt-get update` a RUN of its own.

The layer with the lists is cached: weeks later an install below it still uses the old lists and asks the mirror for
packages that are no longer there.

## Bad
```dockerfile
FROM debian:12
RUN apt-get update
RUN apt-get install -y curl
```

## Good
```dockerfile
FROM debian:12
RUN apt-get update && apt-get install -y curl
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

_TOOLS = ("apt-get", "apt")


@rule("apt-update-alone", on=Stage, severity=Severity.WARNING)
def apt_update_alone(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    alone: Invocation | None = None
    for instruction in stage.instructions:
        if not isinstance(instruction, nodes.Run):
            continue
        invocations = [found for found in file.invocations(instruction) if found.name in _TOOLS]
        update = next((found for found in invocations if found.has_argument("update")), None)
        install = next((found for found in invocations if found.has_argument("install")), None)
        if update is not None:
            alone = update if install is None else None
        elif install is not None and alone is not None:
            yield Finding(
                alone.span,
                "the lists are cached by themselves and go stale",
                help="update and install in one RUN",
                labels=(Label(install.span, "installs from lists that may be weeks old"),),
            )
            alone = None
