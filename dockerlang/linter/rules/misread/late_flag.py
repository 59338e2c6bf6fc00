"""Flags come before everything else.

Behind a path, `--chown=...` is the name of one more file.

## Bad
```dockerfile
FROM alpine:3.20
COPY app --chown=1000 /app
```

## Fixed
```dockerfile
FROM alpine:3.20
COPY --chown=1000 app /app
```

## Good
```dockerfile
FROM alpine:3.20
COPY --chown=1000 app /app
COPY -- --odd /app
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic, Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.facts.misread import misread
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.removal import remove_word
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes
from dockerlang.text import Span


@rule("late-flag", on=nodes.Copy | nodes.Add | nodes.Volume, severity=Severity.WARNING, on_triggers=True)
def late_flag(instruction: nodes.Instruction, file: LintedFile) -> Iterator[Finding]:
    def repair(doubt: Diagnostic) -> Fix:
        at = max([instruction.keyword.span.end, *(flag.span.end for flag in instruction.flags)])
        inserted = Edit(Span(at, at), f" {file.text(doubt.span)}")
        return Fix("move it to the front", (inserted, remove_word(file.document, doubt.span)), Safety.UNSAFE)

    yield from misread("late-flag", instruction, repair)
