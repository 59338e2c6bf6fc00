"""Do not fix the platform of a base image.

A platform that is written down builds for that platform only; `--platform` of the build, and `$BUILDPLATFORM` for
stages that run on the machine that builds, say the same without binding the file to one processor.

## Bad
```dockerfile
FROM --platform=linux/amd64 debian:12
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

from dockerlang.diagnostics import Fix, Safety, Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.removal import remove_word
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes

_PER_BUILD = ("BUILDPLATFORM", "TARGETPLATFORM")


@rule("DL3029", on=nodes.From, severity=Severity.WARNING, twin="FromPlatformFlagConstDisallowed")
def fixed_platform(instruction: nodes.From, file: LintedFile) -> Iterator[Finding]:
    flag = instruction.flag("platform")
    if flag is None or flag.value is None or not flag.value.text:
        return
    if any(name in flag.value.text for name in _PER_BUILD):
        return
    yield Finding(
        flag.span,
        f"the platform `{flag.value.text}` binds the file to one kind of machine",
        Fix("let the build choose the platform", (remove_word(file.document, flag.span),), Safety.UNSAFE),
        help="choose the platform when building, or use `$BUILDPLATFORM`",
    )
