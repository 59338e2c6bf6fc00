"""BuildKit: write all instructions in one case.

The majority of the file decides; with as many of one as of the other it is upper case.

## Bad
```dockerfile
FROM alpine
run echo ready
CMD ["sh"]
```

## Fixed
```dockerfile
FROM alpine
RUN echo ready
CMD ["sh"]
```

## Good
```dockerfile
from alpine
run echo ready
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes


@rule("ConsistentInstructionCasing", on=Stage, severity=Severity.WARNING)
def consistent_instruction_casing(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    # ARGs before the first FROM are not looked at, as in the reference.
    is_lower = file.is_in_lower_case
    for instruction in (stage.instruction, *stage.instructions):
        if isinstance(instruction, nodes.Invalid):
            continue
        keyword = instruction.keyword
        wanted = keyword.text.lower() if is_lower else keyword.text.upper()
        if keyword.text != wanted:
            yield Finding(
                keyword.span,
                f"`{keyword.text}` is not in {'lower' if is_lower else 'upper'} case as most instructions are",
                Fix(f"write {wanted}", (Edit(keyword.span, wanted),)),
            )
