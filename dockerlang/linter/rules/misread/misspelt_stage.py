"""A name that is almost a stage's is most likely meant to be it.

What is no stage is an image: the build looks for it in a registry, and may find one.

## Bad
```dockerfile
FROM golang:1.22 AS builder
RUN go build -o /app .
FROM alpine:3.20
COPY --from=bulider /app /app
```

## Fixed
```dockerfile
FROM golang:1.22 AS builder
RUN go build -o /app .
FROM alpine:3.20
COPY --from=builder /app /app
```

## Good
```dockerfile
FROM golang:1.22 AS builder
RUN go build -o /app .
FROM alpine:3.20
COPY --from=builder /app /app
COPY --from=busybox /bin/busybox /bin/
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic, Fix, Severity
from dockerlang.linter.facts.misread import as_findings, replacing, suggested
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.stage_suspicions import stage_suspicions
from dockerlang.semantics.stages import takes_files
from dockerlang.syntax import nodes


@rule("misspelt-stage", on=nodes.Document, sees=takes_files, severity=Severity.WARNING)
def misspelt_stage(document: nodes.Document, _file: LintedFile) -> Iterator[Finding]:
    yield from as_findings("misspelt-stage", stage_suspicions(document), _as_meant)


def _as_meant(doubt: Diagnostic) -> Fix | None:
    name = suggested(doubt)
    return replacing(doubt, f"write `{name}`", name) if name is not None else None
