"""Use SHELL to change the shell of RUN, not a link over /bin/sh.

The link changes what every script in the image runs with; SHELL says what is meant, to the reader and to tools.

## Bad
```dockerfile
FROM debian:12
RUN ln -sf /bin/bash /bin/sh
```

## Good
```dockerfile
FROM debian:12
SHELL ["/bin/bash", "-c"]
RUN ln -s /opt/tool/bin/tool /usr/local/bin/tool
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation


@rule("DL4005", on=Invocation, of=("ln",), severity=Severity.WARNING, on_triggers=True)
def shell_link(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    if invocation.has_argument("/bin/sh"):
        yield Finding(
            invocation.span,
            "a link over /bin/sh changes the shell of everything in the image",
            help='write `SHELL ["/bin/bash", "-c"]`',
        )
