"""BuildKit: the first WORKDIR should be absolute.

A relative path starts at the base image's working directory, which can change with the image. After an absolute
WORKDIR in this file, relative ones are fine.

## Bad
```dockerfile
FROM alpine
WORKDIR app
```

## Fixed
```dockerfile
FROM alpine
WORKDIR /app
```

## Good
```dockerfile
FROM alpine AS base
WORKDIR /app
FROM base
WORKDIR sub
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.expand import ExpansionError, expand
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes

_PLAIN = re.compile(r"[\w./@%+-]+")
_DRIVE = re.compile(r"[A-Za-z]:[\\\\/]")


@rule("WorkdirRelativePath", on=Stage, severity=Severity.WARNING, twin="DL3000")
def workdir_relative_path(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    if any(
        isinstance(instruction, nodes.Workdir) for base in file.ancestry(stage)[1:] for instruction in base.instructions
    ):
        return
    first = next((found for found in stage.instructions if isinstance(found, nodes.Workdir)), None)
    if first is None or first.path is None:
        return
    try:
        path = expand(first.path, file.scope_at(first).environment).text
    except ExpansionError:
        return
    if not path.startswith("/") and not _DRIVE.match(path):
        yield Finding(
            first.path.span,
            f"`{path}` starts at whatever directory the base image is in",
            _fix(first.path),
            help="give the first WORKDIR an absolute path",
        )


def _fix(word: nodes.Word) -> Fix | None:
    if not _PLAIN.fullmatch(word.text) or ".." in word.text:
        return None
    full = f"/{word.text.removeprefix('./')}"
    return Fix(f"write `{full}`", (Edit(word.span, full),), Safety.UNSAFE)
