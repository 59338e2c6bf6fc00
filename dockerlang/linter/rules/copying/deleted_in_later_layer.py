"""What a later RUN deletes stays in the image.

Each instruction makes a layer; a layer above it hides a file, and everyone still downloads it. Mount the file where it
is needed, or copy from a stage only what is wanted.

## Bad
```dockerfile
FROM debian:12
COPY setup.tar /tmp/setup.tar
RUN tar -xf /tmp/setup.tar -C /opt
RUN rm /tmp/setup.tar
```

## Good
```dockerfile
FROM debian:12
RUN --mount=type=bind,source=setup.tar,target=/tmp/setup.tar tar -xf /tmp/setup.tar -C /opt
COPY keep.conf /etc/keep.conf
RUN rm /etc/other.conf
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Label, Severity
from dockerlang.linter.facts.sources import is_absolute, text_of
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import has_variable, unquoted
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes


@rule("deleted-in-later-layer", on=Stage, severity=Severity.INFO)
def deleted_in_later_layer(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    if stage.index not in file.kept_stages:
        return
    copied: dict[str, nodes.Transfer] = {}
    for instruction in stage.instructions:
        if isinstance(instruction, nodes.Transfer):
            copied.update(dict.fromkeys(_files_of(instruction), instruction))
        elif isinstance(instruction, nodes.Run) and copied:
            for invocation in file.invocations(instruction):
                for operand in invocation.operands() if invocation.name == "rm" else ():
                    copy = copied.pop(operand.text.rstrip("/*"), None)
                    if copy is not None:
                        yield Finding(
                            invocation.span,
                            f"`{operand.text}` stays in the layer that brought it",
                            help="mount it where it is needed: `RUN --mount=type=bind,source=...,target=...`",
                            labels=(Label(copy.statement, "copied here"),),
                        )


def _files_of(instruction: nodes.Transfer) -> Iterator[str]:
    """The paths in the image that the instruction makes, as far as they can be told."""
    target = instruction.destination
    if not isinstance(target, nodes.Word) or has_variable(target) or not is_absolute(unquoted(target)):
        return
    path = unquoted(target)
    if not path.endswith("/"):
        yield path
        return
    if path.strip("/"):
        yield path.rstrip("/")
    for source in instruction.sources:
        name = text_of(source).rstrip("/").rpartition("/")[2]
        if name not in ("", ".", "..") and "*" not in name and "$" not in name:
            yield path + name
