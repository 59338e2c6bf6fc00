"""Give files their owner and mode while they are copied.

A RUN that changes them afterwards stores each of them once more, in a layer of its own.

## Bad
```dockerfile
FROM debian:12
COPY app /srv/app
RUN chown -R 1000:1000 /srv/app
```

## Good
```dockerfile
FROM debian:12
COPY --chown=1000:1000 --chmod=755 app /srv/app
COPY tool /usr/bin/tool
RUN chown -R 1000 /var/lib/tool
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Label, Severity
from dockerlang.linter.facts.sources import is_absolute
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import has_variable, unquoted
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes

_FLAGS = {"chown": "--chown", "chgrp": "--chown", "chmod": "--chmod"}


@rule("changed-after-copy", on=Stage, severity=Severity.INFO)
def changed_after_copy(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    copied: dict[str, nodes.Transfer] = {}
    for instruction in stage.instructions:
        if isinstance(instruction, nodes.Transfer) and isinstance(instruction.destination, nodes.Word):
            path = unquoted(instruction.destination)
            if is_absolute(path) and not has_variable(instruction.destination):
                copied.setdefault(path.rstrip("/"), instruction)
        elif isinstance(instruction, nodes.Run) and copied:
            for invocation in file.invocations(instruction):
                if invocation.name not in _FLAGS:
                    continue
                for operand in invocation.operands()[1:]:
                    copy = copied.pop(operand.text.rstrip("/"), None)
                    if copy is not None and operand.text.strip("/"):
                        yield Finding(
                            invocation.span,
                            f"the files of `{operand.text}` are stored once more for this",
                            help=f"give {copy.keyword.text.upper()} the flag `{_FLAGS[invocation.name]}`",
                            labels=(Label(copy.statement, "copied here"),),
                        )
