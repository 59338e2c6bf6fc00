"""BuildKit: no empty lines inside a continued instruction.

They are skipped today and are going to be an error; a reader takes the line for the instruction's end.

## Bad
```dockerfile
FROM alpine
RUN apk add --no-cache \\
      curl \\

      git
```

## Fixed
```dockerfile
FROM alpine
RUN apk add --no-cache \\
      curl \\
      git
```

## Good
```dockerfile
FROM alpine
RUN apk add --no-cache \\
      # a comment keeps the parts apart
      git
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes


@rule("NoEmptyContinuation", on=nodes.Instruction, severity=Severity.WARNING)
def no_empty_continuation(instruction: nodes.Instruction, _file: LintedFile) -> Iterator[Finding]:
    if instruction.blank_lines:
        edits = tuple(Edit(span, "") for span in instruction.blank_lines)
        yield Finding(
            instruction.blank_lines[0],
            "an empty line inside a continued instruction",
            Fix("remove the empty lines", edits),
            help="remove it, or put a comment there",
        )
