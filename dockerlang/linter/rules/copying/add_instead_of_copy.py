"""Use COPY where ADD does nothing more.

ADD also downloads and unpacks, so its line alone does not say what ends up in the image.

## Bad
```dockerfile
FROM debian:12
ADD requirements.txt /app/
```

## Fixed
```dockerfile
FROM debian:12
COPY requirements.txt /app/
```

## Good
```dockerfile
FROM debian:12
ADD rootfs.tar.gz /
ADD https://example.com/tool /usr/local/bin/tool
ADD https://github.com/example/tool.git#v1 /src
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Severity
from dockerlang.edits import Edit
from dockerlang.linter.facts.sources import is_archive, is_remote
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.expand import ExpansionError, expand
from dockerlang.syntax import nodes

_ONLY_OF_ADD = frozenset({"keep-git-dir", "checksum", "unpack"})


@rule("DL3020", on=nodes.Add, severity=Severity.ERROR)
def add_instead_of_copy(instruction: nodes.Add, file: LintedFile) -> Iterator[Finding]:
    sources = [source for source in instruction.sources if isinstance(source, nodes.Word)]
    are_plain = [_is_plain(source, instruction, file) for source in sources]
    if not any(are_plain) or instruction.destination is None:
        return
    keyword = instruction.keyword
    wanted = "copy" if keyword.text.islower() else "COPY"
    can_be_copy = all(are_plain) and not any(flag.name in _ONLY_OF_ADD for flag in instruction.flags)
    yield Finding(
        keyword.span,
        "COPY does the same and nothing else" if can_be_copy else "COPY would do for the plain files here",
        Fix(f"use {wanted}", (Edit(keyword.span, wanted),)) if can_be_copy else None,
    )


def _is_plain(source: nodes.Word, instruction: nodes.Add, file: LintedFile) -> bool:
    """Whether a source is a file or folder of the context; what an unknown variable decides is given the benefit."""
    try:
        expansion = expand(source, file.scope_at(instruction).environment)
    except ExpansionError:
        return False
    text = expansion.text
    return bool(text) and not is_remote(text) and not is_archive(text)
