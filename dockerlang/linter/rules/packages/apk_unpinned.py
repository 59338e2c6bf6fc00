"""Pin the versions of packages that apk adds.

## Bad
```dockerfile
FROM alpine:3.20
RUN apk add --no-cache curl
```

## Good
```dockerfile
FROM alpine:3.20
RUN apk add --no-cache curl=8.9.1-r1 "git~=2.45" tool.apk
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.pinning import installed, unpinned
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation


@rule("DL3018", on=Invocation, of=("apk",), severity=Severity.WARNING, on_triggers=True)
def apk_unpinned(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    packages = installed(invocation, "add")
    yield from unpinned(packages, _is_pinned, lambda name: f"write `{name}=VERSION` or `{name}~=VERSION`")


def _is_pinned(package: str) -> bool:
    return any(sign in package for sign in "=~<>") or package.endswith(".apk")
