"""Take a newer base image instead of upgrading an old one.

An upgrade makes the image larger by all that it replaces, and another one each day. Off by default: where a base
image is rebuilt seldom, it is the only way to fixes.

## Bad
```dockerfile
FROM debian:12
RUN apt-get update && apt-get -y dist-upgrade
```

## Good
```dockerfile
FROM debian:12.7
RUN apt-get update && apt-get install -y --no-install-recommends curl
RUN apk upgrade curl
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation

_VERBS = {
    "apt-get": ("upgrade", "dist-upgrade", "full-upgrade"),
    "apt": ("upgrade", "dist-upgrade", "full-upgrade"),
    "apk": ("upgrade",),
    "yum": ("update", "upgrade"),
    "dnf": ("update", "upgrade"),
    "microdnf": ("update", "upgrade"),
}


@rule("system-upgrade", on=Invocation, of=tuple(_VERBS), severity=Severity.INFO, is_default=False)
def system_upgrade(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    operands = invocation.operands()
    if len(operands) == 1 and operands[0].text in _VERBS[invocation.name]:
        yield Finding(
            operands[0].span,
            "what is installed depends on the day of the build",
            help="build on a newer image, and install what is needed by name",
        )
