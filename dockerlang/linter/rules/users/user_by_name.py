"""Name a user by its number.

Kubernetes' `runAsNonRoot` cannot tell whether a name is root's and refuses to start the container; a number is also
the same in every image.

## Bad
```dockerfile
FROM alpine:3.20
USER nobody
```

## Good
```dockerfile
FROM alpine:3.20
USER 65534:nogroup
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import unquoted
from dockerlang.syntax import nodes


@rule("DL3066", on=nodes.User, severity=Severity.INFO)
def user_by_name(instruction: nodes.User, _file: LintedFile) -> Iterator[Finding]:
    word = instruction.user
    if word is None:
        return
    name = unquoted(word).partition(":")[0].strip()
    if name and not (name.isascii() and name.isdigit()):
        yield Finding(word.span, f"`{name}` is a name, and only a number tells that it is not root")
