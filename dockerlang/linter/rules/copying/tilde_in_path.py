"""`~` is no home directory here.

Only shells know it. COPY, WORKDIR and VOLUME make a directory whose name is `~`.

## Bad
```dockerfile
FROM alpine:3.20
COPY .profile ~/
```

## Fixed
```dockerfile
FROM alpine:3.20
COPY .profile /root/
```

## Good
```dockerfile
FROM alpine:3.20
COPY .profile /root/
RUN cp /etc/profile ~/
WORKDIR /srv/~backup
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import unquoted
from dockerlang.syntax import nodes


@rule(
    "tilde-in-path",
    on=nodes.Copy | nodes.Add | nodes.Workdir | nodes.Volume,
    severity=Severity.WARNING,
    on_triggers=True,
)
def tilde_in_path(instruction: nodes.Instruction, _file: LintedFile) -> Iterator[Finding]:
    words: tuple[object, ...] = ()
    match instruction:
        case nodes.Transfer():
            words = (instruction.destination,)
        case nodes.Workdir():
            words = (instruction.path,)
        case nodes.Volume():
            words = instruction.paths
    for word in words:
        if isinstance(word, nodes.Word) and re.match(r"~(?:/|\Z)", unquoted(word)):
            yield Finding(
                word.span, "`~` is the name of a directory here", _fix(word), help="write the path in full: `/root/...`"
            )


def _fix(word: nodes.Word) -> Fix | None:
    """The home of the superuser, as whom a build runs until USER says something else."""
    if not word.text.startswith("~") or isinstance(word, nodes.JsonString):
        return None
    return Fix("write `/root`", (Edit(word.span.part(0, 1), "/root"),), Safety.UNSAFE)
