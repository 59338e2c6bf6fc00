"""Install with `--no-cache-dir`.

pip keeps every download below the home directory, in the layer, where nothing uses it again. A cache mount keeps it
out of the image and makes the next build faster.

## Bad
```dockerfile
FROM python:3.12
RUN pip install flask==3.0.3
```

## Fixed
```dockerfile
FROM python:3.12
RUN pip install --no-cache-dir flask==3.0.3
```

## Good
```dockerfile
FROM python:3.12
RUN --mount=type=cache,target=/root/.cache/pip pip install flask==3.0.3
ENV PIP_NO_CACHE_DIR=1
RUN pip install flask==3.0.3
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Safety, Severity
from dockerlang.linter.facts.caches import mounted
from dockerlang.linter.facts.pip import install_word
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.flag_edits import add_flag
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import unquoted
from dockerlang.syntax import nodes

_TRUE = frozenset({"1", "true", "yes", "on"})
_SET_IN_SCRIPT = re.compile(r"""\bPIP_NO_CACHE_DIR=["']?(?:1|true|yes|on)\b""", re.IGNORECASE)


@rule("DL3042", on=nodes.Run, severity=Severity.WARNING, on_triggers=True)
def pip_cache_left(run: nodes.Run, file: LintedFile) -> Iterator[Finding]:
    invocations = [invocation for invocation in file.invocations(run) if install_word(invocation) is not None]
    if not invocations or _is_switched_off(run, file) or any(_holds_cache(target) for target in mounted(run)):
        return
    for invocation in invocations:
        if not invocation.has_flag("no-cache-dir"):
            install = install_word(invocation)
            assert install is not None
            yield Finding(
                install.span,
                "pip leaves its cache in the image",
                add_flag(invocation, install, "--no-cache-dir", Safety.UNSAFE),
                help="add `--no-cache-dir`, or mount a cache on /root/.cache/pip",
            )


def _is_switched_off(run: nodes.Run, file: LintedFile) -> bool:
    script = file.script(run)
    if script is not None and _SET_IN_SCRIPT.search(script.text):
        return True
    # Only ENV counts here: an ARG can be set to anything from outside.
    binding = file.scope_at(run).bindings.get("PIP_NO_CACHE_DIR")
    if binding is None or not isinstance(binding.instruction, nodes.Env):
        return False
    values = {unquoted(pair.name): pair.value for pair in binding.instruction.pairs}
    value = values.get("PIP_NO_CACHE_DIR")
    return value is not None and unquoted(value).lower() in _TRUE


def _holds_cache(target: str) -> bool:
    return target.endswith((".cache", ".cache/pip"))
