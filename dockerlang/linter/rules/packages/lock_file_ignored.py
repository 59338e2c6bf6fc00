"""Keep to the lock file.

Without the flag yarn and pnpm go on when the lock file does not fit, with versions that nobody has tested.

## Bad
```dockerfile
FROM node:20
RUN yarn install && yarn cache clean
```

## Fixed
```dockerfile
FROM node:20
RUN yarn install --frozen-lockfile && yarn cache clean
```

## Good
```dockerfile
FROM node:20
RUN yarn install --immutable && pnpm install --frozen-lockfile && pnpm run build
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Safety, Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.flag_edits import add_flag
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation

_FROZEN = ("frozen-lockfile", "immutable", "pure-lockfile")


@rule("lock-file-ignored", on=Invocation, of=("yarn", "pnpm"), severity=Severity.INFO, on_triggers=True)
def lock_file_ignored(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    operands = invocation.operands(("dir", "C", "cwd", "network-timeout", "registry", "filter", "F"))
    if len(operands) != 1 or operands[0].text not in ("install", "i") or invocation.has_flag(*_FROZEN, "g", "global"):
        return
    yield Finding(
        operands[0].span,
        f"`{invocation.name} install` goes on if the lock file does not fit",
        add_flag(invocation, operands[0], "--frozen-lockfile", Safety.UNSAFE),
        help="add `--frozen-lockfile` (`--immutable` for the later versions of yarn)",
    )
