"""A cache that is mounted should be used.

`--no-cache-dir` and `--no-cache` switch off the very cache that the mount keeps from build to build.

## Bad
```dockerfile
FROM python:3.12
RUN --mount=type=cache,target=/root/.cache/pip pip install --no-cache-dir flask==3.0.3
```

## Fixed
```dockerfile
FROM python:3.12
RUN --mount=type=cache,target=/root/.cache/pip pip install flask==3.0.3
```

## Good
```dockerfile
FROM python:3.12
RUN --mount=type=cache,target=/root/.cache/pip pip install flask==3.0.3
RUN --mount=type=cache,target=/root/.npm pip install --no-cache-dir flask==3.0.3
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Safety, Severity
from dockerlang.linter.facts.caches import covers
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.removal import remove_word
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.packages import package_call
from dockerlang.syntax import nodes

_CACHES = {
    "pip": ("--no-cache-dir", "/root/.cache/pip"),
    "uv pip": ("--no-cache", "/root/.cache/uv"),
    "apk": ("--no-cache", "/var/cache/apk"),
}


@rule("cache-mount-not-used", on=nodes.Run, severity=Severity.WARNING, on_triggers=True)
def cache_mount_not_used(run: nodes.Run, file: LintedFile) -> Iterator[Finding]:
    if not run.mounts:
        return
    for invocation in file.invocations(run):
        call = package_call(invocation)
        switch, cache = _CACHES.get(call.manager, ("", "")) if call is not None else ("", "")
        argument = invocation.argument(switch) if switch else None
        if argument is None or not covers(run, cache):
            continue
        fix = None
        if not invocation.is_exec_form:
            fix = Fix(f"leave out {switch}", (remove_word(file.document, argument.span),), Safety.UNSAFE)
        yield Finding(argument.span, f"the cache that is mounted on `{cache}` is not used", fix)
