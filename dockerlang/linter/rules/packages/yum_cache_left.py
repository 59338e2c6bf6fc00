"""Clean the cache of yum in the RUN that filled it.

What a later RUN deletes stays in the layer before.

## Bad
```dockerfile
FROM centos:7
RUN yum install -y httpd-2.4.6
```

## Fixed
```dockerfile
FROM centos:7
RUN yum install -y httpd-2.4.6 && yum clean all
```

## Good
```dockerfile
FROM centos:7
RUN yum install -y httpd-2.4.6 && yum clean all
RUN --mount=type=cache,target=/var/cache/yum yum install -y httpd-2.4.6
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.facts.caches import covers, removes
from dockerlang.linter.facts.rpm import uncleaned
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.appending import append_command
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes

_CACHES = ("/var/cache/yum",)


@rule("DL3032", on=nodes.Run, severity=Severity.WARNING, on_triggers=True)
def yum_cache_left(run: nodes.Run, file: LintedFile) -> Iterator[Finding]:
    invocations = file.invocations(run)
    for tool in ("yum",):
        found = uncleaned(invocations, tool, ("install",), ("all",))
        if found is None or removes(invocations, *_CACHES) or any(covers(run, cache) for cache in _CACHES):
            continue
        fix = append_command(run, f"{tool} clean all", file)
        yield Finding(found.span, f"`{tool}` leaves its cache in the image", fix, help=f"add `&& {tool} clean all`")
