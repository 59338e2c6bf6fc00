"""FROM and COPY find stages above them only.

The name of a stage further down means an image of that name.

## Bad
```dockerfile
FROM build
FROM alpine:3.20 AS build
RUN make
FROM alpine:3.20
COPY --from=build /app /app
```

## Good
```dockerfile
FROM alpine:3.20 AS build
RUN make
FROM build
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.facts.misread import as_findings
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.stage_suspicions import stage_suspicions
from dockerlang.semantics.stages import takes_files
from dockerlang.syntax import nodes


@rule("later-stage", on=nodes.Document, sees=takes_files, severity=Severity.WARNING)
def later_stage(document: nodes.Document, _file: LintedFile) -> Iterator[Finding]:
    yield from as_findings("later-stage", stage_suspicions(document))
