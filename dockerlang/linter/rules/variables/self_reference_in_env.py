"""An ENV does not see what the same ENV sets.

All pairs of a line are expanded with the values from before the line.

## Bad
```dockerfile
FROM alpine:3.20
ENV HOME_DIR=/srv/app DATA_DIR=$HOME_DIR/data
```

## Good
```dockerfile
FROM alpine:3.20
ENV HOME_DIR=/srv/app
ENV DATA_DIR=$HOME_DIR/data PATH=/opt/bin:$PATH
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Label, Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import unquoted, variables
from dockerlang.syntax import nodes


@rule("DL3044", on=nodes.Env, severity=Severity.ERROR)
def self_reference_in_env(instruction: nodes.Env, file: LintedFile) -> Iterator[Finding]:
    bindings = file.scope_at(instruction).bindings.values()
    # What the base image sets does not count: whoever sets PATH and uses it in the same line means the new one.
    set_before = {binding.name for binding in bindings if binding.instruction is not None}
    here = {unquoted(pair.name): pair for pair in instruction.pairs}
    for pair in instruction.pairs:
        if pair.value is None:
            continue
        for variable in variables(pair.value):
            other = here.get(variable.name)
            if other is None or variable.modifier or variable.name in set_before:
                continue
            # Widening a variable by itself is what one writes.
            if unquoted(pair.name) == variable.name:
                continue
            yield Finding(
                variable.span,
                f"`${variable.name}` is not yet set: an ENV does not see its own line",
                help=f"set `{variable.name}` in an ENV of its own before this one",
                labels=(Label(other.name.span, "set here, for the lines below"),),
            )
