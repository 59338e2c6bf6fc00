"""An escape character at the end of a line makes the next line part of it.

One that was left behind swallows the instruction below: it becomes arguments of the one above.

## Bad
```dockerfile
FROM alpine:3.20
RUN apk add --no-cache \\
    curl \\
COPY app /app
```

## Fixed
```dockerfile
FROM alpine:3.20
RUN apk add --no-cache \\
    curl
COPY app /app
```

## Good
```dockerfile
FROM alpine:3.20
RUN apk add --no-cache \\
    curl
COPY app /app
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic, Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.facts.misread import as_findings
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes
from dockerlang.syntax.checks.swallowed import swallowed_instructions
from dockerlang.text import Span


@rule(
    "swallowed-instruction",
    on=nodes.Run | nodes.Cmd | nodes.Entrypoint | nodes.Copy | nodes.Add | nodes.Arg | nodes.Expose | nodes.Volume
    | nodes.User | nodes.Workdir | nodes.Healthcheck | nodes.Shell | nodes.StopSignal | nodes.Maintainer
    | nodes.OnBuild,
    severity=Severity.WARNING,
)  # fmt: skip
def swallowed_instruction(instruction: nodes.Instruction, file: LintedFile) -> Iterator[Finding]:
    source = file.document.source

    def repair(doubt: Diagnostic) -> Fix | None:
        line = source.lines.line_of(doubt.span.start)
        above = source.lines.line_text(line - 1).rstrip("\r\n")
        bare = above.rstrip(" \t")
        if not bare.endswith(file.document.escape):
            return None
        start = source.lines.start_of(line - 1)
        kept = len(bare[:-1].rstrip(" \t"))
        edit = Edit(Span(start + kept, start + len(above)), "")
        return Fix("end the line above", (edit,), Safety.UNSAFE)

    yield from as_findings("swallowed-instruction", swallowed_instructions(instruction, source), repair)
