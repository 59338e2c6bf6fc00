"""BuildKit: write FROM and AS in the same case.

## Bad
```dockerfile
FROM alpine as build
```

## Fixed
```dockerfile
FROM alpine AS build
```

## Good
```dockerfile
from alpine as build
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes


@rule("FromAsCasing", on=nodes.From, severity=Severity.WARNING)
def from_as_casing(instruction: nodes.From, _file: LintedFile) -> Iterator[Finding]:
    keyword, as_keyword = instruction.keyword.text, instruction.as_keyword
    if as_keyword is None or instruction.stage is None:
        return
    if keyword not in (keyword.lower(), keyword.upper()):
        # A keyword in mixed case is a finding of its own.
        return
    wanted = as_keyword.text.lower() if keyword.islower() else as_keyword.text.upper()
    if as_keyword.text != wanted:
        yield Finding(
            as_keyword.span,
            f"`{as_keyword.text}` is not in the case of `{keyword}`",
            Fix(f"write {wanted}", (Edit(as_keyword.span, wanted),)),
        )
