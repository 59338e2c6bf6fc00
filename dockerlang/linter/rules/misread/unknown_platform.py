"""A platform is `system/architecture`, in names that Go knows.

## Bad
```dockerfile
FROM --platform=linux/amd46 alpine:3.20
```

## Fixed
```dockerfile
FROM --platform=linux/amd64 alpine:3.20
```

## Good
```dockerfile
FROM --platform=linux/amd64 alpine:3.20
FROM --platform=$BUILDPLATFORM alpine:3.20
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic, Fix, Severity
from dockerlang.linter.facts.misread import as_findings, replacing, suggested
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, only, rule
from dockerlang.semantics.stage_suspicions import stage_suspicions
from dockerlang.syntax import nodes

_UNKNOWN = re.compile(r"`(.+)`")


@rule("unknown-platform", on=nodes.Document, sees=only(), severity=Severity.WARNING)
def unknown_platform(document: nodes.Document, file: LintedFile) -> Iterator[Finding]:
    def repair(doubt: Diagnostic) -> Fix | None:
        unknown, meant = _UNKNOWN.search(doubt.message), suggested(doubt)
        if unknown is None or meant is None or not doubt.help.startswith("did you mean"):
            return None
        written = file.text(doubt.span)
        return replacing(doubt, f"write `{meant}`", re.sub(re.escape(unknown[1]), meant, written, count=1, flags=re.I))

    yield from as_findings("unknown-platform", stage_suspicions(document), repair)
