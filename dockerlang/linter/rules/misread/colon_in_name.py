"""Names and values are parted by `=`, not by a colon.

`ENV MODE: fast` sets a variable called `MODE:`.

## Bad
```dockerfile
FROM alpine:3.20
ENV MODE: fast
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
LABEL "a:b"=c
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic, Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.facts.misread import misread
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes
from dockerlang.text import Span

_REST = re.compile(r":(?P<sign>[ \t]+|=)(?=\S+[ \t]*(?:\r?\n|\Z))")


@rule("colon-in-name", on=nodes.Env | nodes.Label | nodes.Arg, severity=Severity.WARNING, on_triggers=True)
def colon_in_name(instruction: nodes.Instruction, file: LintedFile) -> Iterator[Finding]:
    def repair(doubt: Diagnostic) -> Fix | None:
        at = doubt.span.end - 1
        match = _REST.match(file.document.source.text, at)
        if match is None:
            return None
        return Fix("write `=`", (Edit(Span(at, match.end()), "="),), Safety.UNSAFE)

    yield from misread("colon-in-name", instruction, repair)
