"""Tell curl to fail when the server says no.

Without `-f` the page that says "404 Not Found" is what is downloaded, and curl ends well.

## Bad
```dockerfile
FROM debian:12
RUN curl -sSLo /tmp/tool https://example.com/tool
```

## Fixed
```dockerfile
FROM debian:12
RUN curl -f -sSLo /tmp/tool https://example.com/tool
```

## Good
```dockerfile
FROM debian:12
RUN curl -fsSLo /tmp/tool https://example.com/tool && curl --fail -O https://example.com/other && curl --version
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Safety, Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.flag_edits import add_flag
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation


@rule("download-without-fail", on=Invocation, of=("curl",), severity=Severity.INFO, on_triggers=True)
def download_without_fail(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    if not any("://" in argument.text or argument.text.startswith("$") for argument in invocation.arguments):
        return
    if invocation.has_flag("f", "fail", "fail-with-body", "fail-early", "K", "config", "w", "write-out", "I", "head"):
        return
    yield Finding(
        invocation.name_span,
        "an error page of the server is downloaded like the file",
        add_flag(invocation, None, "-f", Safety.UNSAFE),
        help="add `-f`",
    )
