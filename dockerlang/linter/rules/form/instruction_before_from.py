"""A Dockerfile begins with FROM; only ARG may stand before it.

## Bad
```dockerfile
RUN echo ready
FROM alpine:3.20
```

## Good
```dockerfile
# syntax=docker/dockerfile:1
ARG VERSION=3.20
FROM alpine:${VERSION}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, only, rule
from dockerlang.syntax import nodes


@rule("DL3061", on=nodes.Document, sees=only(), severity=Severity.ERROR)
def instruction_before_from(document: nodes.Document, _file: LintedFile) -> Iterator[Finding]:
    for instruction in document.instructions:
        if isinstance(instruction, nodes.From):
            return
        if not isinstance(instruction, nodes.Arg | nodes.Invalid):
            yield Finding(
                instruction.keyword.span,
                f"{instruction.keyword.text.upper()} stands before the first FROM",
                help="start with FROM; only ARG may come before it",
            )
