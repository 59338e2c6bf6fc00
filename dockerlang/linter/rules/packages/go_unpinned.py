"""Pin the versions of Go packages.

## Bad
```dockerfile
FROM golang:1.22
RUN go install example.com/tool@latest
```

## Good
```dockerfile
FROM golang:1.22
RUN go install example.com/tool@v1.2.3 && go install ./cmd/... && go run main.go
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.pinning import installed, unpinned
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation


@rule("DL3062", on=Invocation, of=("go",), severity=Severity.WARNING, on_triggers=True)
def go_unpinned(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    packages = installed(invocation, "install", "get", "run")
    yield from unpinned(packages, _is_pinned, lambda name: f"write `{name.partition('@')[0]}@VERSION`")


def _is_pinned(package: str) -> bool:
    if package.startswith((".", "/")) or package.endswith(".go"):
        return True
    version = package.partition("@")[2]
    return bool(version) and version != "latest"
