"""ONBUILD takes every instruction but ONBUILD, FROM and MAINTAINER.

## Bad
```dockerfile
FROM alpine:3.20
ONBUILD ONBUILD RUN echo ready
```

## Good
```dockerfile
FROM alpine:3.20
ONBUILD RUN echo ready
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes


@rule("DL3043", on=nodes.OnBuild, severity=Severity.ERROR)
def chained_trigger(instruction: nodes.OnBuild, _file: LintedFile) -> Iterator[Finding]:
    trigger = instruction.trigger
    if isinstance(trigger, nodes.OnBuild | nodes.From | nodes.Maintainer):
        yield Finding(trigger.keyword.span, f"{trigger.keyword.text.upper()} cannot be a trigger")
