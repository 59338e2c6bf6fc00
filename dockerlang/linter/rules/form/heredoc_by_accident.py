"""A shift to the left is no heredoc.

`<< 2` in arithmetic opens one all the same: the lines that follow are swallowed until one that is `2))`. Without blanks
around it, it is a shift.

## Bad
```dockerfile
FROM alpine:3.20
RUN echo $((1 << 2))
```

## Fixed
```dockerfile
FROM alpine:3.20
RUN echo $((1<<2))
```

## Good
```dockerfile
FROM alpine:3.20
RUN echo $((1<<2))
RUN cat <<EOF
text
EOF
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes
from dockerlang.text import Span

# What would make a heredoc of it still: the number of a stream.
_STREAM = re.compile(r"(?:\A|[ \t])[0-9]+\Z")


@rule("heredoc-by-accident", on=nodes.Run, severity=Severity.WARNING)
def heredoc_by_accident(run: nodes.Run, file: LintedFile) -> Iterator[Finding]:
    text = file.document.source.text
    for heredoc in run.heredocs:
        before = text[run.statement.start : heredoc.span.start]
        if before.count("((") <= before.count("))"):
            continue
        operand = before.rstrip(" \t")
        at = heredoc.span.start
        end = at + 2 + len(text[at + 2 :]) - len(text[at + 2 :].lstrip(" \t"))
        span = Span(run.statement.start + len(operand), end)
        fix = None if _STREAM.search(operand) else Fix("write it without blanks", (Edit(span, "<<"),), Safety.UNSAFE)
        yield Finding(heredoc.span, f"this opens a heredoc that ends at a line `{heredoc.delimiter}`", fix)
