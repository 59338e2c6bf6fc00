"""An ARG before the first FROM that nothing uses does nothing.

Such an ARG is for FROM lines, and for stages that repeat it.

## Bad
```dockerfile
ARG VERSION=3.20
ARG MODE=fast
FROM alpine:${VERSION}
```

## Fixed
```dockerfile
ARG VERSION=3.20
FROM alpine:${VERSION}
```

## Good
```dockerfile
ARG VERSION=3.20
ARG MODE=fast
ARG TAG=${VERSION}
FROM alpine:${TAG}
ARG MODE
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Severity, Tag
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.removal import remove_item
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import variables
from dockerlang.semantics.predefined import SPECIAL_ARGUMENTS, is_automatic, is_proxy_argument
from dockerlang.syntax import nodes


def _declares(item: nodes.Item) -> bool:
    return isinstance(item, nodes.Arg | nodes.OnBuild)


@rule("unused-global-argument", on=nodes.Document, sees=_declares, severity=Severity.INFO, tags=(Tag.UNNECESSARY,))
def unused_global_argument(_document: nodes.Document, file: LintedFile) -> Iterator[Finding]:
    declared = file.stages.global_args
    if not declared or not len(file.stages):
        return
    used = set(_used_names(file))
    for instruction in declared:
        for declaration in instruction.declarations:
            name = declaration.name.text
            if name in used or is_automatic(name) or is_proxy_argument(name) or name in SPECIAL_ARGUMENTS:
                continue
            is_alone = len(instruction.declarations) == 1
            yield Finding(
                declaration.name.span,
                f"no FROM uses `{name}`, and no stage repeats it",
                Fix("remove it", (remove_item(instruction),)) if is_alone else None,
                help=f"repeat `ARG {name}` in the stage that needs it, or remove it",
            )


def _used_names(file: LintedFile) -> Iterator[str]:
    for argument in file.stages.global_args:
        yield from (found.name for found in variables(argument))
    for stage in file.stages:
        yield from (found.name for found in variables(stage.instruction))
        for instruction in stage.instructions:
            inner = instruction.trigger if isinstance(instruction, nodes.OnBuild) else instruction
            if isinstance(inner, nodes.Arg):
                yield from (declaration.name.text for declaration in inner.declarations)
