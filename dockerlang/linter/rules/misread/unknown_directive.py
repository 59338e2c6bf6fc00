"""A directive is `# name=value`, with `syntax`, `escape` or `check` for the name.

Anything else, a colon or a slip in the name, is a comment, and nothing comes of it.

## Bad
```dockerfile
# syntx=docker/dockerfile:1
FROM alpine:3.20
```

## Fixed
```dockerfile
# syntax=docker/dockerfile:1
FROM alpine:3.20
```

## Good
```dockerfile
# syntax=docker/dockerfile:1
# author=ada
FROM alpine:3.20
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic, Fix, Severity
from dockerlang.linter.facts.misread import as_findings, replacing, suggested
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, only, rule
from dockerlang.syntax import nodes
from dockerlang.syntax.checks.late_directives import late_directives


@rule(
    "unknown-directive",
    on=nodes.Document,
    sees=only(nodes.Comment, nodes.Directive, nodes.Blank, nodes.Arg),
    severity=Severity.WARNING,
)
def unknown_directive(document: nodes.Document, _file: LintedFile) -> Iterator[Finding]:
    yield from as_findings("unknown-directive", late_directives(document), _written_right)


def _written_right(doubt: Diagnostic) -> Fix | None:
    # A backtick in the help would end the quotation early.
    written = suggested(doubt) if doubt.help.count("`") == 2 else None
    return replacing(doubt, f"write `{written}`", written) if written is not None else None
