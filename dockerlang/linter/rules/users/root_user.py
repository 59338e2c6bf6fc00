"""Do not let a container run as root.

A process that breaks out of its container is then root outside, too. The last USER of a stage is the one that counts.

## Bad
```dockerfile
FROM alpine:3.20
USER root
CMD ["serve"]
```

## Good
```dockerfile
FROM alpine:3.20
USER root
RUN apk add --no-cache tini
USER 1000
CMD ["serve"]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import unquoted
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes


@rule("DL3002", on=Stage, severity=Severity.WARNING)
def root_user(stage: Stage, _file: LintedFile) -> Iterator[Finding]:
    last = next((found for found in reversed(stage.instructions) if isinstance(found, nodes.User)), None)
    if last is None or last.user is None:
        return
    if unquoted(last.user).partition(":")[0] in ("root", "0"):
        yield Finding(last.user.span, "the last user of the stage is root", help="end with a user that owns less")
