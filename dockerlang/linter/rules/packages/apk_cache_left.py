"""Add packages with `--no-cache`.

apk then needs no `apk update` before it and leaves no index behind.

## Bad
```dockerfile
FROM alpine:3.20
RUN apk add curl=8.9.1-r1
```

## Fixed
```dockerfile
FROM alpine:3.20
RUN apk add --no-cache curl=8.9.1-r1
```

## Good
```dockerfile
FROM alpine:3.20
RUN --mount=type=cache,target=/var/cache/apk apk add curl=8.9.1-r1
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Safety, Severity
from dockerlang.linter.facts.caches import covers
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.flag_edits import add_flag
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes

_CACHES = ("/var/cache/apk", "/etc/apk/cache")


@rule("DL3019", on=nodes.Run, severity=Severity.INFO, on_triggers=True)
def apk_cache_left(run: nodes.Run, file: LintedFile) -> Iterator[Finding]:
    for invocation in file.invocations(run):
        add = invocation.argument("add") if invocation.name == "apk" else None
        if add is None or invocation.has_flag("no-cache") or any(covers(run, cache) for cache in _CACHES):
            continue
        yield Finding(
            add.span,
            "apk leaves its index in the image",
            add_flag(invocation, add, "--no-cache", Safety.UNSAFE),
            help="add `--no-cache`",
        )
