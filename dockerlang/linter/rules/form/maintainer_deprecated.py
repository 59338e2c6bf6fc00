"""BuildKit: MAINTAINER is deprecated; use a label.

## Bad
```dockerfile
FROM alpine
MAINTAINER Ada <ada@example.com>
```

## Fixed
```dockerfile
FROM alpine
LABEL org.opencontainers.image.authors="Ada <ada@example.com>"
```

## Good
```dockerfile
FROM alpine
LABEL org.opencontainers.image.authors="Ada <ada@example.com>"
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity, Tag
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.maintainer import as_label
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes


@rule("MaintainerDeprecated", on=nodes.Maintainer, severity=Severity.WARNING, twin="DL4000", tags=(Tag.DEPRECATED,))
def maintainer_deprecated(instruction: nodes.Maintainer, file: LintedFile) -> Iterator[Finding]:
    yield Finding(
        instruction.keyword.span,
        "MAINTAINER is deprecated",
        as_label(instruction, file.document),
        help="use `LABEL org.opencontainers.image.authors=...`",
    )
