"""Clean yarn's cache in the RUN that filled it.

## Bad
```dockerfile
FROM node:20
RUN yarn install --frozen-lockfile
```

## Fixed
```dockerfile
FROM node:20
RUN yarn install --frozen-lockfile && yarn cache clean
```

## Good
```dockerfile
FROM node:20
RUN yarn install --frozen-lockfile && yarn cache clean
RUN --mount=type=cache,target=/usr/local/share/.cache/yarn yarn install
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.facts.caches import mounted
from dockerlang.linter.facts.runs import kept_runs_of
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.appending import append_command
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation
from dockerlang.semantics.stages import Stage


@rule("DL3060", on=Stage, severity=Severity.INFO)
def yarn_cache_left(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    for run in kept_runs_of(stage, file):
        if any(target.endswith((".cache/yarn", ".cache")) for target in mounted(run)):
            continue
        pending: Invocation | None = None
        for invocation in file.invocations(run):
            if invocation.name != "yarn":
                continue
            if invocation.has_argument("install"):
                pending = pending or invocation
            elif invocation.has_argument("cache") and invocation.has_argument("clean"):
                pending = None
        if pending is not None:
            fix = append_command(run, "yarn cache clean", file)
            yield Finding(pending.span, "yarn leaves its cache in the image", fix, help="add `&& yarn cache clean`")
