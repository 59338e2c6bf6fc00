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
from dockerlang.linter.pinning import unpinned
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation

_WITH_VALUE = (
    "asmflags", "buildmode", "C", "compiler", "covermode", "coverpkg", "exec", "gccgoflags", "gcflags", "installsuffix",
    "ldflags", "mod", "modfile", "o", "overlay", "p", "pgo", "pkgdir", "tags", "toolexec",
)  # fmt: skip
_VERBS = ("install", "get", "run")


@rule("DL3062", on=Invocation, of=("go",), severity=Severity.WARNING, on_triggers=True)
def go_unpinned(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    # Go's options are long with one hyphen.
    arguments = list(invocation.arguments)
    verb = arguments.pop(0).text if arguments else ""
    if verb not in _VERBS:
        return
    packages = []
    while arguments:
        argument = arguments.pop(0)
        if not argument.text.startswith("-"):
            packages.append(argument)
        elif argument.text.lstrip("-") in _WITH_VALUE and arguments:
            arguments.pop(0)
    # Behind the package of `go run` come the program's own arguments.
    packages = packages[:1] if verb == "run" else packages
    yield from unpinned(packages, _is_pinned, lambda name: f"write `{name.partition('@')[0]}@VERSION`")


def _is_pinned(package: str) -> bool:
    if package.startswith((".", "/")) or package.endswith(".go"):
        return True
    version = package.partition("@")[2]
    return bool(version) and version != "latest"
