"""`DEBIAN_FRONTEND` is for the build, not for the container.

As ENV it stays: whoever installs something in a container gets no questions either. ARG holds for the build alone.

## Bad
```dockerfile
FROM debian:12
ENV DEBIAN_FRONTEND=noninteractive
```

## Fixed
```dockerfile
FROM debian:12
ARG DEBIAN_FRONTEND=noninteractive
```

## Good
```dockerfile
FROM debian:12
ARG DEBIAN_FRONTEND=noninteractive
ENV DEBIAN_FRONTEND_LIKE=a
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import unquoted
from dockerlang.syntax import nodes


@rule("frontend-in-environment", on=nodes.Env, severity=Severity.INFO, on_triggers=True)
def frontend_in_environment(instruction: nodes.Env, _file: LintedFile) -> Iterator[Finding]:
    for pair in instruction.pairs:
        if unquoted(pair.name) == "DEBIAN_FRONTEND":
            is_alone = len(instruction.pairs) == 1 and not instruction.is_legacy
            fix = Fix("make it an ARG", (Edit(instruction.keyword.span, "ARG"),), Safety.UNSAFE) if is_alone else None
            yield Finding(pair.name.span, "`DEBIAN_FRONTEND` stays set in the container", fix, help="use ARG instead")
