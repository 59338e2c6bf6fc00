"""Do not make files writable for everyone.

Any process in the container, whoever it runs as, can then replace them.

## Bad
```dockerfile
FROM debian:12
RUN chmod -R 777 /srv/app
```

## Good
```dockerfile
FROM debian:12
RUN chmod -R u=rwX,go=rX /srv/app && chmod 1777 /tmp
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation

# Octal modes whose last digit lets others write; a sticky bit, as on /tmp, makes that harmless.
_OCTAL = re.compile(r"0?[0-7]?[0-7][0-7][2367]")
_STICKY = re.compile(r"0?[1357][0-7]{3}")
_SYMBOLIC = re.compile(r"(?:^|,)[ug]*[oa][ugoa]*[+=][rxXst]*w")


@rule("world-writable", on=Invocation, of=("chmod",), severity=Severity.WARNING, on_triggers=True)
def world_writable(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    operands = invocation.operands()
    mode = operands[0] if operands else None
    if mode is None:
        return
    is_open = bool(_OCTAL.fullmatch(mode.text)) and not _STICKY.fullmatch(mode.text)
    if is_open or _SYMBOLIC.search(mode.text):
        yield Finding(
            mode.span,
            f"`{mode.text}` lets everyone write",
            help="give the files to the user that needs them: `chown`, or `COPY --chown`",
        )
