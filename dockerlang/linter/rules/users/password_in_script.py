"""Do not set passwords while an image is built.

Everyone who has the image reads them in its history, and knows how to log in.

## Bad
```dockerfile
FROM debian:12
RUN echo "root:hunter2" | chpasswd
```

## Good
```dockerfile
FROM debian:12
RUN useradd --system app && passwd --lock app
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation


@rule("password-in-script", on=Invocation, of=("chpasswd", "useradd", "usermod"), severity=Severity.WARNING)
def password_in_script(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    if invocation.name == "chpasswd":
        yield Finding(invocation.span, "the password stays in the image's history", help="lock the account instead")
    elif invocation.has_argument("-p", "--password"):
        flag = invocation.argument("-p", "--password")
        assert flag is not None
        yield Finding(flag.span, "the password stays in the image's history", help="lock the account instead")
