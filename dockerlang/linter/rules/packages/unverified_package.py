"""Do not install packages whose signature nobody checks.

## Bad
```dockerfile
FROM alpine:3.20
RUN apk add --no-cache --allow-untrusted tool.apk
```

## Fixed
```dockerfile
FROM alpine:3.20
RUN apk add --no-cache tool.apk
```

## Good
```dockerfile
FROM alpine:3.20
COPY key.rsa.pub /etc/apk/keys/
RUN apk add --no-cache tool.apk
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Safety, Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.removal import remove_word
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation

_SWITCHES = {
    "apk": ("--allow-untrusted",),
    "apt-get": ("--allow-unauthenticated", "--force-yes"),
    "apt": ("--allow-unauthenticated", "--force-yes"),
    "yum": ("--nogpgcheck",),
    "dnf": ("--nogpgcheck", "--no-gpgchecks"),
    "microdnf": ("--nogpgcheck",),
    "zypper": ("--no-gpg-checks",),
}


@rule("unverified-package", on=Invocation, of=tuple(_SWITCHES), severity=Severity.WARNING, on_triggers=True)
def unverified_package(invocation: Invocation, file: LintedFile) -> Iterator[Finding]:
    for argument in invocation.arguments:
        if argument.text in _SWITCHES[invocation.name]:
            fix = None
            if not invocation.is_exec_form:
                fix = Fix(f"leave out {argument.text}", (remove_word(file.document, argument.span),), Safety.UNSAFE)
            yield Finding(
                argument.span,
                f"`{invocation.name}` installs whatever the server sends",
                fix,
                help="install the key that the packages are signed with",
            )
