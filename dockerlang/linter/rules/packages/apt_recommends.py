"""Install without recommended packages.

apt-get also installs what a package recommends, often several times its own size.

## Bad
```dockerfile
FROM debian:12
RUN apt-get install -y curl
```

## Fixed
```dockerfile
FROM debian:12
RUN apt-get install --no-install-recommends -y curl
```

## Good
```dockerfile
FROM debian:12
RUN apt-get install -y --no-install-recommends curl && apt-get install -y -o APT::Install-Recommends=false git
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Safety, Severity
from dockerlang.linter.facts.apt import options
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.flag_edits import add_flag
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation


@rule("DL3015", on=Invocation, of=("apt-get",), severity=Severity.INFO, on_triggers=True)
def apt_recommends(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    install = invocation.argument("install")
    if install is None or invocation.has_flag("no-install-recommends"):
        return
    if re.search(r"apt::install-recommends=(?:false|0|no|off)", options(invocation)):
        return
    yield Finding(
        install.span,
        "recommended packages are installed, too",
        add_flag(invocation, install, "--no-install-recommends", Safety.UNSAFE),
        help="add `--no-install-recommends`",
    )
