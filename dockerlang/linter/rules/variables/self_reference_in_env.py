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
    set_before = file.scope_at(instruction).bindings
    here = {unquoted(pair.name): pair for pair in instruction.pairs}
    for pair in instruction.pairs:
        if pair.value is None:
            continue
        for variable in variables(pair.value):
            other = here.get(variable.name)
            # Widening a variable by itself is what one writes; so is using the value from before on purpose.
            if other is None or unquoted(pair.name) == variable.name or variable.name in set_before:
                continue
            yield Finding(
                variable.span,
                f"`${variable.name}` is not yet set: an ENV does not see its own line",
                help=f"set `{variable.name}` in an ENV of its own before this one",
                labels=(Label(other.name.span, "set here, for the lines below"),),
            )
