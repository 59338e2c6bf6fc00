"""Pin the versions of packages that zypper installs.

## Bad
```dockerfile
FROM opensuse/leap:15.6
RUN zypper install -y nginx
```

## Good
```dockerfile
FROM opensuse/leap:15.6
RUN zypper install -y nginx=1.21 "curl>=8.0" ./tool.rpm
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.pinning import installed, unpinned
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation


@rule("DL3037", on=Invocation, of=("zypper",), severity=Severity.WARNING, on_triggers=True)
def zypper_unpinned(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    packages = installed(invocation, "install", "in")
    yield from unpinned(packages, _is_pinned, lambda name: f"write `{name}=VERSION`")


def _is_pinned(package: str) -> bool:
    return any(sign in package for sign in "=<>") or package.endswith(".rpm") or "://" in package
