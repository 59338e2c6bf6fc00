"""Pin the versions of packages that yum installs.

## Bad
```dockerfile
FROM centos:7
RUN yum install -y httpd
```

## Good
```dockerfile
FROM centos:7
RUN yum install -y httpd-2.4.6 ./tool.rpm
RUN yum module install -y nodejs:20
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


@rule("DL3033", on=Invocation, of=("yum",), severity=Severity.WARNING, on_triggers=True)
def yum_unpinned(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    if invocation.has_argument("module"):
        yield from unpinned(installed(invocation, "install"), is_module_pinned, lambda name: f"write `{name}:STREAM`")
    else:
        yield from unpinned(installed(invocation, "install"), is_pinned, lambda name: f"write `{name}-VERSION`")
