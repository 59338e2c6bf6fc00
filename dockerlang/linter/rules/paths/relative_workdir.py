"""Give WORKDIR an absolute path.

A relative one goes below the directory that is current at that point, which may come from the base image.

## Bad
```dockerfile
FROM alpine:3.20
WORKDIR app
```

## Fixed
```dockerfile
FROM alpine:3.20
WORKDIR /app
```

## Good
```dockerfile
FROM alpine:3.20
WORKDIR /app
WORKDIR $HOME/app
WORKDIR "C:\\app"
```
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import unquoted
from dockerlang.syntax import nodes

_PLAIN = re.compile(r"[\w./@%+-]+")
_DRIVE = re.compile(r"[A-Za-z]:")


@rule("DL3000", on=nodes.Workdir, severity=Severity.ERROR, twin="WorkdirRelativePath")
def relative_workdir(instruction: nodes.Workdir, file: LintedFile) -> Iterator[Finding]:
    word = instruction.path
    if word is None:
        return
    path = unquoted(word)
    if not path.startswith(("/", "$")) and not _DRIVE.match(path):
        state = file.states.before(instruction)
        above = state.working_directory.value if state is not None else None
        full = posixpath.join(above or "/", path.removeprefix("./"))
        yield Finding(
            word.span,
            f"`{path}` is a relative path",
            # Below a directory that the file sets, it is the same one.
            _fix(word, path, full, Safety.UNSAFE if above is None else Safety.SAFE),
            help=f"write it in full: `{full}`",
        )


def _fix(word: nodes.Word, path: str, full: str, safety: Safety) -> Fix | None:
    if word.text != path or not _PLAIN.fullmatch(full) or ".." in path:
        return None
    return Fix(f"write `{full}`", (Edit(word.span, full),), safety)
