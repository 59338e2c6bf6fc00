"""No blanks around `=` in ENV and LABEL.

`ENV NAME = value` is the old form without `=`: the value is `= value`, with the sign.

## Bad
```dockerfile
FROM alpine:3.20
ENV MODE = fast
```

## Fixed
```dockerfile
FROM alpine:3.20
ENV MODE=fast
```

## Good
```dockerfile
FROM alpine:3.20
ENV MODE=fast
ENV SUM "= 4"
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic, Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.facts.misread import misread, suggested
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes


@rule("blank-before-equals", on=nodes.Env | nodes.Label, severity=Severity.WARNING, on_triggers=True)
def blank_before_equals(instruction: nodes.Env | nodes.Label, file: LintedFile) -> Iterator[Finding]:
    def repair(doubt: Diagnostic) -> Fix | None:
        written = suggested(doubt)
        if written is None or "\n" in file.text(instruction.statement):
            return None
        rest = written.partition(" ")[2]
        span = instruction.pairs[0].name.span
        whole = type(span)(span.start, instruction.statement.end)
        return Fix(f"write `{rest}`", (Edit(whole, rest),), Safety.UNSAFE)

    yield from misread("blank-before-equals", instruction, repair)
