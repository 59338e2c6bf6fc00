"""Pin the versions of packages that apt-get installs.

The same line installs another version after the next release, with the cache hiding it until then.

## Bad
```dockerfile
FROM debian:12
RUN apt-get update && apt-get install -y curl git=1:2.39.5-0+deb12u1
```

## Good
```dockerfile
FROM debian:12
RUN apt-get update && apt-get install -y git=1:2.39.5-0+deb12u1 ./tool.deb curl/stable
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.pinning import installed, unpinned
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation


@rule("DL3008", on=Invocation, of=("apt-get",), severity=Severity.WARNING, on_triggers=True)
def apt_unpinned(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    packages = installed(invocation, "install")
    yield from unpinned(packages, _is_pinned, lambda name: f"write `{name}=VERSION`")


def _is_pinned(package: str) -> bool:
    # `name/release` takes it from one release; a path or a `.deb` is a file.
    return "=" in package or "/" in package or package.endswith(".deb")
