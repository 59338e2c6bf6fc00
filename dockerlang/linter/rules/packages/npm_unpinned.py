"""Pin the versions of packages that npm installs by name.

## Bad
```dockerfile
FROM node:20
RUN npm install -g typescript
```

## Good
```dockerfile
FROM node:20
RUN npm install -g typescript@5.4.5 @angular/cli@17 ./local https://example.com/tool.tgz
RUN npm install
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.pinning import installed, unpinned
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation


@rule("DL3016", on=Invocation, of=("npm",), severity=Severity.WARNING, on_triggers=True)
def npm_unpinned(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    packages = installed(invocation, "install", "i", "add")
    yield from unpinned(packages, _is_pinned, lambda name: f"write `{name}@VERSION`")


def _is_pinned(package: str) -> bool:
    if package.startswith((".", "/", "~/", "http://", "https://")) or package.endswith(
        (".tgz", ".tar", ".tar.gz", "/")
    ):
        return True
    if "://" in package or package.startswith("git"):
        return "#" in package
    # An `@` at the start belongs to the name of a scope.
    return "@" in package[1:] or "#" in package
