"""USER takes one name.

`USER app app` is a user whose name has a blank in it; the group is parted by a colon.

## Bad
```dockerfile
FROM alpine:3.20
USER app staff
```

## Good
```dockerfile
FROM alpine:3.20
USER app:staff
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.facts.misread import misread
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes


@rule("blank-in-user", on=nodes.User, severity=Severity.WARNING, on_triggers=True)
def blank_in_user(instruction: nodes.User, _file: LintedFile) -> Iterator[Finding]:
    yield from misread("blank-in-user", instruction)
