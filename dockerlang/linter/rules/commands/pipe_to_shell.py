"""Do not feed a download to a shell.

What runs is whatever the server sends at that moment, half of it if the connection breaks. Download to a file, check
its checksum, then run it.

## Bad
```dockerfile
FROM debian:12
RUN curl -fsSL https://example.com/install.sh | sh
```

## Good
```dockerfile
FROM debian:12
ARG SUM=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
ADD --checksum=$SUM https://example.com/install.sh /tmp/
RUN sh /tmp/install.sh
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes

_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "python", "python3", "perl", "ruby"})
_DOWNLOADS = frozenset({"curl", "wget"})


@rule("pipe-to-shell", on=nodes.Run, severity=Severity.WARNING)
def pipe_to_shell(run: nodes.Run, file: LintedFile) -> Iterator[Finding]:
    parsed = file.parsed(run)
    for pipe in parsed.pipes:
        before = [invocation for invocation in parsed.invocations if invocation.span.end <= pipe.start]
        after = [invocation for invocation in parsed.invocations if invocation.span.start >= pipe.end]
        if not before or not after or before[-1].name not in _DOWNLOADS:
            continue
        shell = after[0]
        if shell.name == "sudo" and shell.operands():
            name = shell.operands()[0].text
        else:
            name = shell.name
        if name.rpartition("/")[2] in _SHELLS:
            yield Finding(
                shell.span,
                f"`{name}` runs whatever the download gives, whole or not",
                help="download to a file, compare its checksum, then run it",
            )
