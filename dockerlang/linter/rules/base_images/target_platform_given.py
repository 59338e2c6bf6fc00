"""`--platform=$TARGETPLATFORM` is what FROM does anyway.

## Bad
```dockerfile
FROM --platform=$TARGETPLATFORM debian:12
```

## Fixed
```dockerfile
FROM debian:12
```

## Good
```dockerfile
FROM --platform=$BUILDPLATFORM debian:12
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.removal import remove_word
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import unquoted
from dockerlang.syntax import nodes


@rule("DL3065", on=nodes.From, severity=Severity.WARNING, twin="RedundantTargetPlatform")
def target_platform_given(instruction: nodes.From, file: LintedFile) -> Iterator[Finding]:
    flag = instruction.flag("platform")
    if flag is None or flag.value is None:
        return
    if unquoted(flag.value) in ("$TARGETPLATFORM", "${TARGETPLATFORM}"):
        yield Finding(
            flag.span,
            "the target platform is the default",
            Fix("leave the flag out", (remove_word(file.document, flag.span),)),
        )
