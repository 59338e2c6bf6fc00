"""MAINTAINER is deprecated.

A label says the same, and tools read it.

## Bad
```dockerfile
FROM alpine:3.20
MAINTAINER Ada
```

## Fixed
```dockerfile
FROM alpine:3.20
LABEL org.opencontainers.image.authors="Ada"
```

## Good
```dockerfile
FROM alpine:3.20
LABEL org.opencontainers.image.authors="Ada"
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity, Tag
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.maintainer import as_label
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes


@rule("DL4000", on=nodes.Maintainer, severity=Severity.ERROR, twin="MaintainerDeprecated", tags=(Tag.DEPRECATED,))
def maintainer_instruction(instruction: nodes.Maintainer, file: LintedFile) -> Iterator[Finding]:
    yield Finding(
        instruction.keyword.span,
        "MAINTAINER is deprecated",
        as_label(instruction, file.document),
        help="use `LABEL org.opencontainers.image.authors=...`",
    )
