"""Install with `npm ci` what the lock file names.

`npm install` may take other versions than those that were tested, and writes the lock file anew.

## Bad
```dockerfile
FROM node:20
RUN npm install --omit=dev
```

## Fixed
```dockerfile
FROM node:20
RUN npm ci --omit=dev
```

## Good
```dockerfile
FROM node:20
RUN npm ci && npm install -g typescript@5.4.5
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation


@rule("npm-install", on=Invocation, of=("npm",), severity=Severity.INFO, on_triggers=True)
def npm_install(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    operands = invocation.operands(("prefix", "C", "w", "workspace", "cache", "registry"))
    if len(operands) != 1 or operands[0].text not in ("install", "i") or invocation.has_flag("g", "global"):
        return
    fix = None if invocation.is_exec_form else Fix("use `npm ci`", (Edit(operands[0].span, "ci"),), Safety.UNSAFE)
    yield Finding(operands[0].span, "`npm install` does not keep to the lock file", fix, help="use `npm ci`")
