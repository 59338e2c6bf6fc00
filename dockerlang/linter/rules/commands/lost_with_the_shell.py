"""`export`, `alias` and `source` end with the shell of their RUN.

The next instruction starts a new one. A variable that is to stay is set by ENV.

## Bad
```dockerfile
FROM debian:12
RUN export MODE=fast
```

## Fixed
```dockerfile
FROM debian:12
ENV MODE=fast
```

## Good
```dockerfile
FROM debian:12
ENV MODE=fast
RUN export OTHER=slow && make
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes

_ALONE = re.compile(r"\s*(?P<name>export|alias|source|\.|umask|ulimit|set|unset|shopt)[ \t]+(?P<rest>[^\n;&|<>]+)\s*")
_ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_]\w*)=(?P<value>[A-Za-z0-9_./:@%+,-]*)")


@rule("lost-with-the-shell", on=nodes.Run, severity=Severity.WARNING)
def lost_with_the_shell(run: nodes.Run, file: LintedFile) -> Iterator[Finding]:
    command = run.command
    if not isinstance(command, nodes.ShellForm) or run.heredocs:
        return
    match = _ALONE.fullmatch(command.text)
    if match is None:
        return
    assignment = _ASSIGNMENT.fullmatch(match["rest"].strip()) if match["name"] == "export" else None
    fix = None
    if assignment is not None and not run.flags and "\n" not in file.text(run.statement):
        fix = Fix(f"write `ENV {assignment[0]}`", (Edit(run.statement, f"ENV {assignment[0]}"),), Safety.UNSAFE)
    yield Finding(
        command.span,
        f"what `{match['name']}` does ends with this RUN",
        fix,
        help="set variables by ENV; join other commands with what needs them by `&&`",
    )
