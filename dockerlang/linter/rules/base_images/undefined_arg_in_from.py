"""BuildKit: variables in FROM must be declared by an ARG before the first FROM.

FROM sees only those and the automatic platform arguments (`TARGETARCH` and the like); anything else is empty there.

## Bad
```dockerfile
ARG VERSION=3.20
FROM alpine:${VERSION}${VARIANT}
```

## Good
```dockerfile
ARG VERSION=3.20
ARG VARIANT
FROM --platform=$BUILDPLATFORM alpine:${VERSION}${VARIANT}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import variables
from dockerlang.syntax import nodes


@rule("UndefinedArgInFrom", on=nodes.From, severity=Severity.WARNING)
def undefined_arg_in_from(instruction: nodes.From, file: LintedFile) -> Iterator[Finding]:
    declared = file.scopes.globals.bindings
    platform = instruction.flag("platform")
    for word in (instruction.image, platform.value if platform is not None else None):
        if word is None:
            continue
        seen: set[str] = set()
        for variable in variables(word):
            if variable.name in declared or variable.name in seen:
                continue
            seen.add(variable.name)
            near = get_close_matches(variable.name, declared, 1)
            yield Finding(
                variable.span,
                f"FROM knows no argument `{variable.name}`",
                help=f"did you mean `{near[0]}`?" if near else f"declare `ARG {variable.name}` before the first FROM",
            )
