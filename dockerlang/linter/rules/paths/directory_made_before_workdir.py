"""WORKDIR makes the directory itself.

## Bad
```dockerfile
FROM debian:12
RUN mkdir -p /srv/app
WORKDIR /srv/app
```

## Fixed
```dockerfile
FROM debian:12
WORKDIR /srv/app
```

## Good
```dockerfile
FROM debian:12
RUN mkdir -p /srv/app && chown 1000 /srv/app
WORKDIR /srv/app
RUN mkdir /srv/data
WORKDIR /srv/other
```
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from dockerlang.diagnostics import Fix, Label, Safety, Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.removal import remove_item
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import unquoted
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes


@rule("directory-made-before-workdir", on=Stage, severity=Severity.STYLE)
def directory_made_before_workdir(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    for run, workdir in pairwise(stage.instructions):
        if not isinstance(run, nodes.Run) or not isinstance(workdir, nodes.Workdir) or workdir.path is None:
            continue
        invocations = file.invocations(run)
        if len(invocations) != 1 or invocations[0].name != "mkdir" or run.flags or run.heredocs:
            continue
        operands = invocations[0].operands(("m", "mode"))
        is_same = len(operands) == 1 and operands[0].text.rstrip("/") == unquoted(workdir.path).rstrip("/")
        if is_same and not invocations[0].has_flag("m", "mode") and file.parsed(run).pipes == ():
            yield Finding(
                run.statement,
                "WORKDIR makes this directory itself",
                Fix("remove it", (remove_item(run),), Safety.UNSAFE),
                labels=(Label(workdir.path.span, "made here if it is missing"),),
            )
