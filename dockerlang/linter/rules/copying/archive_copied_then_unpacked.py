"""ADD unpacks an archive; COPY and `tar` leave the archive in a layer of its own.

## Bad
```dockerfile
FROM debian:12
COPY rootfs.tar.gz /tmp/
RUN tar -xzf /tmp/rootfs.tar.gz -C /srv
```

## Good
```dockerfile
FROM debian:12
ADD rootfs.tar.gz /srv/
COPY --from=build /rootfs.tar.gz /tmp/
RUN tar -xzf /tmp/rootfs.tar.gz -C /srv
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Label, Severity
from dockerlang.linter.facts.sources import is_tar_archive, text_of
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes

_UNPACKERS = frozenset({"gunzip", "bunzip2", "unxz", "unlzma", "uncompress", "zcat", "bzcat", "xzcat"})


@rule("DL3010", on=Stage, severity=Severity.INFO)
def archive_copied_then_unpacked(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    copied: dict[str, nodes.Word] = {}
    for instruction in stage.instructions:
        if isinstance(instruction, nodes.Copy):
            copied |= _archives(instruction)
        elif isinstance(instruction, nodes.Run) and copied:
            for invocation in file.invocations(instruction):
                for argument in invocation.arguments if _unpacks(invocation) else ():
                    source = copied.pop(argument.text.rpartition("/")[2], None)
                    if source is not None:
                        yield Finding(
                            source.span,
                            "ADD would unpack this archive and leave no copy of it in the image",
                            labels=(Label(invocation.span, "unpacked here"),),
                        )


def _archives(instruction: nodes.Copy) -> dict[str, nodes.Word]:
    """The archives that a COPY brings from the context, by the names that they get."""
    if instruction.flag("from") is not None or instruction.destination is None:
        return {}
    found = {}
    target = text_of(instruction.destination)
    for source in instruction.sources:
        if isinstance(source, nodes.Word) and is_tar_archive(text_of(source)):
            found[text_of(source).rpartition("/")[2]] = source
            if is_tar_archive(target):
                found[target.rpartition("/")[2]] = source
    return found


def _unpacks(invocation: Invocation) -> bool:
    if invocation.name in _UNPACKERS:
        return True
    if invocation.name not in ("tar", "bsdtar", "gtar"):
        return False
    first = invocation.arguments[0].text if invocation.arguments else ""
    # The old style gives the options without a hyphen: `tar xzf archive`.
    is_old_style = first.isalpha() and "x" in first
    return is_old_style or invocation.has_flag("x", "extract", "get")
