"""ADD clones a repository better than RUN does.

The text of `RUN git clone ...` never changes, so its layer is taken from the cache however old it is. ADD asks for the
commit first.

## Bad
```dockerfile
FROM debian:12
RUN git clone https://example.com/tool.git /opt/tool
```

## Good
```dockerfile
FROM debian:12
ADD https://example.com/tool.git#v1.2 /opt/tool
RUN git clone --branch v1.2 https://example.com/tool.git /opt/other
RUN git clone https://example.com/tool.git /opt/more && git -C /opt/more checkout 24454f8
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes


@rule("clone-in-run", on=nodes.Run, severity=Severity.INFO, on_triggers=True)
def clone_in_run(run: nodes.Run, file: LintedFile) -> Iterator[Finding]:
    invocations = [found for found in file.invocations(run) if found.name == "git"]
    if any(found.has_argument("checkout", "reset", "switch") for found in invocations):
        return
    for invocation in invocations:
        if invocation.has_argument("clone") and not invocation.has_flag("branch", "b", "revision"):
            yield Finding(
                invocation.span,
                "the cache knows this clone by its text, not by its commit",
                help="use `ADD REPOSITORY#REF DIRECTORY`, or name a tag with `--branch`",
            )
