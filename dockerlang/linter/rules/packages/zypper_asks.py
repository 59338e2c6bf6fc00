"""Answer the questions of zypper beforehand.

Nobody is there to do it while an image is built.

## Bad
```dockerfile
FROM opensuse/leap:15.6
RUN zypper install nginx=1.21
```

## Fixed
```dockerfile
FROM opensuse/leap:15.6
RUN zypper install -y nginx=1.21
```

## Good
```dockerfile
FROM opensuse/leap:15.6
RUN zypper install -y nginx=1.21
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Safety, Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.flag_edits import add_flag
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation

_VERBS = ("install", "in", "remove", "rm", "source-install", "si", "patch")


@rule("DL3034", on=Invocation, of=("zypper",), severity=Severity.WARNING, on_triggers=True)
def zypper_asks(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    verb = invocation.argument(*_VERBS)
    if verb is None or invocation.has_flag("n", "non-interactive", "y", "no-confirm"):
        return
    yield Finding(
        verb.span,
        f"`{invocation.name} {verb.text}` asks a question that nobody can answer",
        add_flag(invocation, verb, "-y", Safety.UNSAFE),
        help="add `-y`",
    )
