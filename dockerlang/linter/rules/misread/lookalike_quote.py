"""Quotes of a word processor are part of the value.

Only `"` and `'` hold a value together; others stay in it.

## Bad
```dockerfile
FROM alpine:3.20
ENV MODE=“fast”
```

## Fixed
```dockerfile
FROM alpine:3.20
ENV MODE="fast"
```

## Good
```dockerfile
FROM alpine:3.20
ENV MODE="fast" GREETING="say “hello”"
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic, Fix, Severity
from dockerlang.linter.facts.misread import misread, replacing
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes
from dockerlang.syntax.checks.arrays import LOOKALIKES


@rule("lookalike-quote", on=nodes.Env | nodes.Label, severity=Severity.WARNING, on_triggers=True)
def lookalike_quote(instruction: nodes.Env | nodes.Label, file: LintedFile) -> Iterator[Finding]:
    def repair(doubt: Diagnostic) -> Fix | None:
        text = file.text(doubt.span)
        first, last = LOOKALIKES.get(text[:1]), LOOKALIKES.get(text[-1:])
        inner = text[1:-1]
        if len(text) < 2 or first is None or first != last or first not in "\"'" or set(inner) & set("\"'\\\n"):
            return None
        return replacing(doubt, f"write `{first}`", f"{first}{inner}{last}")

    yield from misread("lookalike-quote", instruction, repair)
