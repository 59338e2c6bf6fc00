"""Use apt-get or apt-cache in scripts, not apt.

apt is made for people: its output and options may change between releases, and it says so on every call.

## Bad
```dockerfile
FROM debian:12
RUN apt update
```

## Fixed
```dockerfile
FROM debian:12
RUN apt-get update
```

## Good
```dockerfile
FROM debian:12
RUN apt-cache policy curl
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation

_REPLACED_BY = {
    **dict.fromkeys(("update", "install", "remove", "upgrade", "autoremove", "purge", "clean"), "apt-get"),
    **dict.fromkeys(("search", "show", "policy", "depends", "rdepends"), "apt-cache"),
}


@rule("DL3027", on=Invocation, of=("apt",), severity=Severity.WARNING, on_triggers=True)
def apt_in_run(invocation: Invocation, file: LintedFile) -> Iterator[Finding]:
    verb = next((argument.text for argument in invocation.operands()), "")
    wanted = _REPLACED_BY.get(verb)
    is_plain = file.text(invocation.name_span) == "apt"
    yield Finding(
        invocation.name_span,
        "`apt` is for people at a terminal",
        Fix(f"use {wanted}", (Edit(invocation.name_span, wanted),), Safety.UNSAFE) if wanted and is_plain else None,
        help="use `apt-get` or `apt-cache`",
    )
