"""Write to a directory before it becomes a volume.

A container sees in a volume what was there at the VOLUME instruction; what is written below it later is kept by
BuildKit and dropped by other builders.

## Bad
```dockerfile
FROM debian:12
VOLUME /var/lib/app
COPY seed.db /var/lib/app/seed.db
```

## Good
```dockerfile
FROM debian:12
COPY seed.db /var/lib/app/seed.db
VOLUME /var/lib/app
RUN mkdir /var/lib/application
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Label, Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import has_variable, unquoted
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes
from dockerlang.text import Span

_WRITERS = frozenset({"mkdir", "touch", "cp", "mv", "chown", "chmod", "install", "ln"})


@rule("write-below-volume", on=Stage, severity=Severity.WARNING)
def write_below_volume(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    volumes: dict[str, nodes.Word] = {}
    for instruction in stage.instructions:
        match instruction:
            case nodes.Volume():
                for word in instruction.paths:
                    path = unquoted(word).rstrip("/")
                    if path.startswith("/") and not has_variable(word):
                        volumes.setdefault(path, word)
            case nodes.Transfer(destination=nodes.Word() as target) if volumes:
                yield from _below(unquoted(target), target.span, volumes)
            case nodes.Run() if volumes:
                for invocation in file.invocations(instruction):
                    for operand in invocation.operands() if invocation.name in _WRITERS else ():
                        yield from _below(operand.text, operand.span, volumes)


def _below(path: str, span: Span, volumes: dict[str, nodes.Word]) -> Iterator[Finding]:
    for volume, word in volumes.items():
        if path.rstrip("/") == volume or path.startswith(f"{volume}/"):
            yield Finding(
                span,
                f"`{volume}` is a volume already, and not every builder keeps what is written to it",
                help="move VOLUME below this instruction",
                labels=(Label(word.span, "a volume from here on"),),
            )
            return
