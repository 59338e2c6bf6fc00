"""BuildKit: `--platform=$TARGETPLATFORM` is the default.

## Bad
```dockerfile
FROM --platform=$TARGETPLATFORM alpine AS build
```

## Fixed
```dockerfile
FROM alpine AS build
```

## Good
```dockerfile
FROM --platform=$BUILDPLATFORM alpine AS build
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.removal import remove_word
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.expand import ExpansionError, expand
from dockerlang.syntax import nodes


@rule("RedundantTargetPlatform", on=nodes.From, severity=Severity.WARNING, twin="DL3065")
def redundant_target_platform(instruction: nodes.From, file: LintedFile) -> Iterator[Finding]:
    flag = instruction.flag("platform")
    if flag is None or flag.value is None:
        return
    values = file.scopes.globals.environment
    try:
        expansion = expand(flag.value, values)
    except ExpansionError:
        return
    is_alone = expansion.used == ("TARGETPLATFORM",) and not expansion.unset
    if is_alone and expansion.text == values["TARGETPLATFORM"]:
        yield Finding(
            flag.span,
            "FROM builds for the target platform anyway",
            Fix("leave the flag out", (remove_word(file.document, flag.span),)),
        )
