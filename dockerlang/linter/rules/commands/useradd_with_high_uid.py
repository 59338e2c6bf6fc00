"""useradd with a high UID makes the image huge.

It writes /var/log/lastlog and /var/log/faillog as sparse files up to the place of that user; a layer may store them
in full.

## Bad
```dockerfile
FROM debian:12
RUN useradd -u 1234567 app
```

## Fixed
```dockerfile
FROM debian:12
RUN useradd --no-log-init -u 1234567 app
```

## Good
```dockerfile
FROM debian:12
RUN useradd -l -u 1234567 app && useradd -u 1000 other
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Safety, Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.flag_edits import add_flag
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation


@rule("DL3046", on=Invocation, of=("useradd",), severity=Severity.WARNING, on_triggers=True)
def useradd_with_high_uid(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    uid = invocation.flag_value("u", "uid")
    if uid is None or not uid.isdigit() or len(uid) < 6 or invocation.has_flag("l", "no-log-init"):
        return
    yield Finding(
        invocation.span,
        f"the log files get as large as the UID {uid} asks for",
        add_flag(invocation, None, "--no-log-init", Safety.UNSAFE),
        help="add `--no-log-init`",
    )
