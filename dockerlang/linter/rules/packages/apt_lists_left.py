"""Delete apt's lists in the RUN that fetched them.

They are tens of megabytes, useless in the image, and what a later RUN deletes stays in the layer before.

## Bad
```dockerfile
FROM debian:12
RUN apt-get update && apt-get install -y --no-install-recommends curl
```

## Fixed
```dockerfile
FROM debian:12
RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
```

## Good
```dockerfile
FROM debian:12
RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
RUN --mount=type=cache,target=/var/cache/apt --mount=type=cache,target=/var/lib/apt apt-get update
```
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockerlang.diagnostics import Severity
from dockerlang.linter.facts.caches import covers, removes
from dockerlang.linter.facts.runs import kept_runs_of
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.appending import append_command
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation
from dockerlang.semantics.stages import Stage

LISTS = "/var/lib/apt/lists"


@rule("DL3009", on=Stage, severity=Severity.INFO)
def apt_lists_left(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    for run in kept_runs_of(stage, file):
        invocations = file.invocations(run)
        update = next(
            (found for found in invocations if found.name in ("apt-get", "apt") and found.has_argument("update")), None
        )
        if update is None or covers(run, LISTS) or removes(invocations, LISTS):
            continue
        yield Finding(
            update.span,
            "the package lists stay in the image",
            append_command(run, f"rm -rf {LISTS}/*", file) if _installs(invocations) else None,
            help=f"end the RUN with `&& rm -rf {LISTS}/*`, or mount a cache on {LISTS}",
        )


def _installs(invocations: Sequence[Invocation]) -> bool:
    """Whether the RUN uses the lists itself; else a later one needs them."""
    return any(found.name in ("apt-get", "apt") and found.has_argument("install") for found in invocations)
