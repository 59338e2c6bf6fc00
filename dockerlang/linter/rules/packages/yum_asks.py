"""Answer the questions of yum beforehand.

Nobody is there to do it while an image is built.

## Bad
```dockerfile
FROM centos:7
RUN yum install httpd-2.4.6
```

## Fixed
```dockerfile
FROM centos:7
RUN yum install -y httpd-2.4.6
```

## Good
```dockerfile
FROM centos:7
RUN yum install -y httpd-2.4.6
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Safety, Severity
from dockerlang.linter.facts.rpm import YUM_ANSWERS
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.flag_edits import add_flag
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation

_VERBS = ("install", "groupinstall", "localinstall")


@rule("DL3030", on=Invocation, of=("yum",), severity=Severity.WARNING, on_triggers=True)
def yum_asks(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    verb = invocation.argument(*_VERBS)
    if verb is None or invocation.has_flag(*YUM_ANSWERS):
        return
    yield Finding(
        verb.span,
        f"`{invocation.name} {verb.text}` asks a question that nobody can answer",
        add_flag(invocation, verb, "-y", Safety.UNSAFE),
        help="add `-y`",
    )
