"""COPY to a relative path needs a WORKDIR.

Without one the file goes to whatever directory the base image is in.

## Bad
```dockerfile
FROM alpine:3.20
COPY app.conf conf/
```

## Good
```dockerfile
FROM alpine:3.20
COPY app.conf /etc/
WORKDIR /app
COPY app.conf conf/
COPY app.conf $CONF_DIR
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.facts.sources import is_absolute
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import unquoted
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes


@rule("DL3045", on=Stage, severity=Severity.WARNING)
def relative_destination(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    bases = file.ancestry(stage)[1:]
    if any(isinstance(instruction, nodes.Workdir) for base in bases for instruction in base.instructions):
        return
    for instruction in stage.instructions:
        if isinstance(instruction, nodes.Workdir):
            return
        target = instruction.destination if isinstance(instruction, nodes.Copy) else None
        if not isinstance(target, nodes.Word):
            continue
        path = unquoted(target)
        if path and not path.startswith("$") and not is_absolute(path):
            yield Finding(
                target.span,
                f"`{path}` is relative, and no WORKDIR says to what",
                help="write the path in full, or set WORKDIR before",
            )
