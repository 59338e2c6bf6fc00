"""A finding is silenced by a comment in the file.

Off by default: for projects that want all exceptions in the configuration, where they are reviewed together.

## Bad
```dockerfile
# hadolint ignore=DL3006
FROM alpine
```

## Good
```dockerfile
# hadolint global ignore=DL3006
# an ordinary comment
FROM alpine
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, only, rule
from dockerlang.linter.suppress import read_pragma
from dockerlang.syntax import nodes
from dockerlang.text import Span


@rule("DL1001", on=nodes.Document, sees=only(nodes.Comment), severity=Severity.INFO, is_default=False)
def ignore_pragma(document: nodes.Document, _file: LintedFile) -> Iterator[Finding]:
    for item in document.items:
        if not isinstance(item, nodes.Comment):
            continue
        pragma = read_pragma(item)
        if pragma is not None and not pragma.is_global:
            lines = document.source.lines
            end = lines.span_of(lines.line_of(item.hash_offset)).end
            yield Finding(Span(item.hash_offset, end), "a comment silences findings")
