"""USER takes one name.

`USER app app` is a user whose name has a blank in it; the group is parted by a colon.

## Bad
```dockerfile
FROM alpine:3.20
USER app staff
```

## Fixed
```dockerfile
FROM alpine:3.20
USER app:staff
```

## Good
```dockerfile
FROM alpine:3.20
USER app:staff
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic, Fix, Severity
from dockerlang.linter.facts.misread import misread, replacing
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes

_TWO_NAMES = re.compile(r"([\w.-]+)[ \t]+([\w.-]+)")


@rule("blank-in-user", on=nodes.User, severity=Severity.WARNING, on_triggers=True)
def blank_in_user(instruction: nodes.User, file: LintedFile) -> Iterator[Finding]:
    def repair(doubt: Diagnostic) -> Fix | None:
        match = _TWO_NAMES.fullmatch(file.text(doubt.span))
        return replacing(doubt, "part them by a colon", f"{match[1]}:{match[2]}") if match is not None else None

    yield from misread("blank-in-user", instruction, repair)
