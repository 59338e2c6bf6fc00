"""Keep user names and passwords out of addresses.

They stay in the history of the image, in the log of the build, and in the configuration of whatever was downloaded.

## Bad
```dockerfile
FROM debian:12
RUN git clone https://ada:hunter2@example.com/tool.git
```

## Good
```dockerfile
FROM debian:12
RUN --mount=type=secret,id=token git clone "https://ada:$(cat /run/secrets/token)@example.com/tool.git"
RUN --mount=type=ssh git clone git@example.com:tool.git
ENV ADDRESS=postgres://db:5432/app
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes
from dockerlang.text import Span

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(?P<user>[^/\s:@'\"]*):(?P<word>[^/\s@'\"]+)@")
_VARIABLE = re.compile(r"\$\{?(?P<name>[A-Za-z_]\w*)\}?")


@rule(
    "password-in-address", on=nodes.Run | nodes.Add | nodes.Env | nodes.Arg, severity=Severity.WARNING, on_triggers=True
)
def password_in_address(instruction: nodes.Instruction, file: LintedFile) -> Iterator[Finding]:
    text = file.text(instruction.code_span)
    if "://" not in text:
        return
    for match in _ADDRESS.finditer(text):
        if match["word"].startswith(("$(", "`", "<")):
            continue
        variable = _VARIABLE.fullmatch(match["word"])
        # What only the shell knows may come from a secret.
        if variable is not None and variable["name"] not in file.scope_at(instruction).bindings:
            continue
        start = instruction.code_span.start
        yield Finding(
            Span(start + match.start("user"), start + match.end("word")),
            "the password of this address stays in the image's history",
            help="give it to the one command that needs it: `RUN --mount=type=secret`",
        )
