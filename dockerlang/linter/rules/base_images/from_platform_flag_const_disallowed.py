"""BuildKit: do not give FROM a constant platform.

The image can then be built for that platform only. A stage whose name tells the platform (`AS tools-arm64`) is meant
so and is let pass.

## Bad
```dockerfile
FROM --platform=linux/amd64 alpine AS base
```

## Fixed
```dockerfile
FROM alpine AS base
```

## Good
```dockerfile
FROM --platform=linux/arm64 alpine AS tools-arm64
FROM --platform=$BUILDPLATFORM alpine
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Safety, Severity
from dockerlang.errors import InputError
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.removal import remove_word
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import has_variable
from dockerlang.oci.platform import parse_platform
from dockerlang.semantics.expand import ExpansionError, expand
from dockerlang.semantics.stages import Stage


@rule("FromPlatformFlagConstDisallowed", on=Stage, severity=Severity.WARNING, twin="DL3029")
def from_platform_flag_const_disallowed(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    flag = stage.instruction.flag("platform")
    if flag is None or flag.value is None or has_variable(flag.value):
        return
    try:
        platform = parse_platform(expand(flag.value, {}).text)
    except (ExpansionError, InputError):
        # Not a platform at all: the build says so.
        return
    if platform.os in stage.name or platform.architecture in stage.name:
        return
    yield Finding(
        flag.span,
        f"the platform is always `{flag.value.text}`",
        Fix("let the build choose the platform", (remove_word(file.document, flag.span),), Safety.UNSAFE),
        help="choose the platform when building, or name it in the stage's name",
    )
