"""Directives stand at the very top.

Below a comment, an empty line or an instruction, `# syntax=...` is a comment like any other.

## Bad
```dockerfile
# the web server
# escape=`
FROM alpine:3.20
```

## Fixed
```dockerfile
# escape=`
# the web server
FROM alpine:3.20
```

## Good
```dockerfile
# escape=`
# the web server
FROM alpine:3.20
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic, Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.facts.misread import as_findings
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, only, rule
from dockerlang.syntax import nodes
from dockerlang.syntax.checks.late_directives import late_directives
from dockerlang.text import Span


@rule(
    "late-directive",
    on=nodes.Document,
    sees=only(nodes.Comment, nodes.Directive, nodes.Blank, nodes.Arg),
    severity=Severity.WARNING,
)
def late_directive(document: nodes.Document, file: LintedFile) -> Iterator[Finding]:
    def repair(doubt: Diagnostic) -> Fix | None:
        text = document.source.text
        line = document.source.lines.line_of(doubt.span.start)
        start = document.source.lines.start_of(line)
        end = text.find("\n", doubt.span.end) + 1
        is_alone = not any(isinstance(item, nodes.Directive) for item in document.items)
        if not end or start == 0 or not is_alone or text.startswith("\ufeff"):
            return None
        edits = (Edit(Span(0, 0), text[start:end]), Edit(Span(start, end), ""))
        return Fix("move it to the top", edits, Safety.UNSAFE)

    yield from as_findings("late-directive", late_directives(document), repair)
