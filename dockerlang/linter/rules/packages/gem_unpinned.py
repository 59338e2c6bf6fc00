"""Pin the versions of gems.

## Bad
```dockerfile
FROM ruby:3.3
RUN gem install rails
```

## Good
```dockerfile
FROM ruby:3.3
RUN gem install rails:7.1.3 && gem install rake --version 13.2.1 && gem install ./own.gem
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.pinning import installed, unpinned
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation


@rule("DL3028", on=Invocation, of=("gem",), severity=Severity.WARNING, on_triggers=True)
def gem_unpinned(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    if invocation.flag_value("v", "version"):
        return
    gems = installed(invocation, "install", "i")
    yield from unpinned(gems, _is_pinned, lambda name: f"write `{name}:VERSION`")


def _is_pinned(gem: str) -> bool:
    return ":" in gem or gem.endswith(".gem")
