"""Keys of repositories belong into files of their own.

`apt-key` trusts a key for every repository, and is no longer there in current releases.

## Bad
```dockerfile
FROM debian:12
RUN apt-key add /tmp/key.asc
```

## Good
```dockerfile
FROM debian:12
COPY key.asc /etc/apt/keyrings/
RUN echo "deb [signed-by=/etc/apt/keyrings/key.asc] https://example.com stable main" > /etc/apt/sources.list.d/a.list
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity, Tag
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation


@rule("apt-key", on=Invocation, of=("apt-key",), severity=Severity.WARNING, on_triggers=True, tags=(Tag.DEPRECATED,))
def apt_key(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    yield Finding(
        invocation.span,
        "`apt-key` trusts the key for every repository",
        help="put the key into /etc/apt/keyrings, and name it by `signed-by` in the source",
    )
