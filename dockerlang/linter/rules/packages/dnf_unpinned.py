"""Pin the versions of packages that dnf installs.

## Bad
```dockerfile
FROM fedora:40
RUN dnf install -y httpd
```

## Good
```dockerfile
FROM fedora:40
RUN dnf install -y httpd-2.4.6 ./tool.rpm
RUN dnf module install -y nodejs:20
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.facts.rpm import is_module_pinned, is_pinned
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.pinning import installed, unpinned
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation


@rule("DL3041", on=Invocation, of=("dnf", "microdnf"), severity=Severity.WARNING, on_triggers=True)
def dnf_unpinned(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    if invocation.has_argument("module"):
        yield from unpinned(installed(invocation, "install"), is_module_pinned, lambda name: f"write `{name}:STREAM`")
    else:
        yield from unpinned(installed(invocation, "install"), is_pinned, lambda name: f"write `{name}-VERSION`")
