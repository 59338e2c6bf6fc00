"""Give apt-get install a `-y`.

Nobody is there to answer when an image is built; without an answer the command ends without installing anything.

## Bad
```dockerfile
FROM debian:12
RUN apt-get install curl
```

## Fixed
```dockerfile
FROM debian:12
RUN apt-get install -y curl
```

## Good
```dockerfile
FROM debian:12
RUN apt-get install -yq curl && apt-get --assume-yes install git && apt-get -qq install jq
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Safety, Severity
from dockerlang.linter.facts.apt import options
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.flag_edits import add_flag
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation


@rule("DL3014", on=Invocation, of=("apt-get",), severity=Severity.WARNING, on_triggers=True)
def apt_asks(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    install = invocation.argument("install")
    if install is None or _answers(invocation):
        return
    yield Finding(
        install.span,
        "`apt-get install` asks a question that nobody can answer",
        add_flag(invocation, install, "-y", Safety.UNSAFE),
        help="add `-y`",
    )


def _answers(invocation: Invocation) -> bool:
    flags = list(invocation.flags())
    # Two q mean -y, and so does -q=2, whose letters are seen one by one.
    is_quiet = flags.count("q") > 1 or "-q=2" in (argument.text for argument in invocation.arguments)
    return is_quiet or bool({"y", "yes", "assume-yes"} & set(flags)) or "assume-yes=true" in options(invocation)
