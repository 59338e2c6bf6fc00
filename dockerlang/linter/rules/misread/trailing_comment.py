"""A comment needs a line of its own.

Behind an instruction, `#` and what follows are arguments like any others.

## Bad
```dockerfile
FROM alpine:3.20
EXPOSE 80 # http
```
```dockerfile
FROM alpine:3.20
ARG MODE=fast # or slow
```

## Fixed
```dockerfile
FROM alpine:3.20
# http
EXPOSE 80
```
```dockerfile
FROM alpine:3.20
# or slow
ARG MODE=fast
```

## Good
```dockerfile
FROM alpine:3.20
# http
EXPOSE 80
RUN true # for the shell
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic, Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.facts.misread import misread
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes
from dockerlang.text import Span


@rule(
    "trailing-comment",
    on=nodes.Copy | nodes.Add | nodes.Volume | nodes.Expose | nodes.Arg | nodes.User | nodes.Workdir | nodes.StopSignal,
    severity=Severity.WARNING,
    on_triggers=True,
)
def trailing_comment(instruction: nodes.Instruction, file: LintedFile) -> Iterator[Finding]:
    def repair(_doubt: Diagnostic) -> Fix | None:
        text = file.document.source.text
        statement = instruction.statement
        at = text.find(" #", statement.start, statement.end)
        line_start = max(text.rfind("\n", 0, statement.start), text.rfind("\r", 0, statement.start)) + 1
        is_whole_line = not text[line_start : statement.start].strip()
        if at < 0 or "\n" in text[statement.start : statement.end] or not is_whole_line:
            return None
        newline = "\r\n" if "\r\n" in text else "\n"
        comment = text[at : statement.end].strip()
        start = at - (len(text[:at]) - len(text[:at].rstrip(" \t")))
        edits = (
            Edit(Span(line_start, line_start), f"{comment}{newline}"),
            Edit(Span(start, statement.end), ""),
        )
        return Fix("put the comment above", edits, Safety.UNSAFE)

    yield from misread("trailing-comment", instruction, repair)
