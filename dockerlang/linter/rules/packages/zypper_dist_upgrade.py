"""Do not upgrade the whole distribution with zypper.

The next release of the base image does that; a RUN that does it makes a layer as large as the image, with what is in
it depending on the day.

## Bad
```dockerfile
FROM opensuse/leap:15.6
RUN zypper -n dist-upgrade
```

## Good
```dockerfile
FROM opensuse/leap:15.6
RUN zypper -n patch
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation


@rule("DL3035", on=Invocation, of=("zypper",), severity=Severity.WARNING, on_triggers=True)
def zypper_dist_upgrade(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    verb = invocation.argument("dist-upgrade", "dup")
    if verb is not None:
        yield Finding(verb.span, "the whole distribution is upgraded", help="use a newer base image")
