"""Pin the versions of packages that pip installs.

A new release of a package, or of one that it needs, changes what is built. Requirements and constraints files, local
paths and repositories at a ref are taken for pinned.

## Bad
```dockerfile
FROM python:3.12
RUN pip install --no-cache-dir flask
```

## Good
```dockerfile
FROM python:3.12
RUN pip install --no-cache-dir flask==3.0.3 "httpx>=0.27,<1" ./local git+https://example.com/tool@v1
RUN pip install --no-cache-dir -r requirements.txt
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.facts.pip import install_word
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.pinning import installed, unpinned
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation

_REPOSITORY = re.compile(r"(?:git|hg|svn|bzr)\+")
_FILE = re.compile(r"\.(?:whl|zip|tar|tar\.\w+|tgz)\Z")


@rule("DL3013", on=Invocation, severity=Severity.WARNING, on_triggers=True)
def pip_unpinned(invocation: Invocation, _file: LintedFile) -> Iterator[Finding]:
    is_pipx = invocation.name == "pipx" and invocation.has_argument("install")
    if install_word(invocation) is None and not is_pipx:
        return
    if invocation.has_flag("r", "requirement", "c", "constraint"):
        return
    packages = installed(invocation, "install")
    yield from unpinned(packages, _is_pinned, lambda name: f"write `{name}==VERSION`, or use a requirements file")


def _is_pinned(package: str) -> bool:
    if _REPOSITORY.match(package):
        return "@" in package.partition("://")[2]
    if package == "." or "/" in package or _FILE.search(package):
        return True
    return any(sign in package for sign in ("=", "<", ">", "@"))
