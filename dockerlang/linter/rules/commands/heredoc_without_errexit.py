"""A heredoc of RUN goes on after a command that fails.

Its lines are a script without `set -e`: only the last command decides whether the RUN fails.

## Bad
```dockerfile
FROM debian:12
RUN <<EOF
make test
make install
EOF
```

## Fixed
```dockerfile
FROM debian:12
RUN <<EOF
set -e
make test
make install
EOF
```

## Good
```dockerfile
FROM debian:12
RUN <<EOF
set -eu
make test
make install
EOF
SHELL ["/bin/bash", "-ec"]
RUN <<EOF
make test
make install
EOF
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
from dockerlang.text import Span

_OPTION = re.compile(r"-[A-Za-z]*e[A-Za-z]*")


@rule("heredoc-without-errexit", on=nodes.Run, severity=Severity.WARNING)
def heredoc_without_errexit(run: nodes.Run, file: LintedFile) -> Iterator[Finding]:
    heredoc, script = run.script, file.script(run)
    if heredoc is None or script is None or script.interpreter:
        return
    invocations = file.invocations(run)
    if len(invocations) < 2 or _stops_at_errors(file.shell_of(run)):
        return
    if any(found.name == "set" and _stops_at_errors(tuple(a.text for a in found.arguments)) for found in invocations):
        return
    # One list joined by `&&` already stops at the first failure.
    if all(line.rstrip().endswith(("&&", "\\")) for line in script.text.strip().split("\n")[:-1]):
        return
    at = heredoc.body_span.start
    fix = Fix("begin with `set -e`", (Edit(Span(at, at), "set -e\n"),), Safety.UNSAFE)
    yield Finding(
        heredoc.span,
        "the script goes on after a command that fails",
        fix if not heredoc.does_chomp else None,
        help="begin it with `set -e`",
    )


def _stops_at_errors(words: tuple[str, ...]) -> bool:
    return "errexit" in words or any(_OPTION.fullmatch(word) for word in words)
