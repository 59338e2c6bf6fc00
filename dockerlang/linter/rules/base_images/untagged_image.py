"""Name the tag of a base image.

Without a tag the image is `latest`, whatever that is on the day of the build: the same Dockerfile gives different
images, and a build can break with nothing changed.

## Bad
```dockerfile
FROM debian
RUN echo ready
```

## Good
```dockerfile
FROM debian:12 AS tools
FROM tools
FROM debian@sha256:2f1c4e5d8b6a7c9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70
FROM scratch
FROM ${BASE}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import unquoted
from dockerlang.semantics.stages import Stage


@rule("DL3006", on=Stage, severity=Severity.WARNING)
def untagged_image(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    word = stage.instruction.image
    if word is None:
        return
    text = unquoted(word)
    # What begins with a variable may bring its tag along.
    if text in ("", "scratch") or text.startswith("$") or file.base_of(stage) is not None:
        return
    if not word.tag and not word.digest:
        yield Finding(
            word.span,
            f"`{text}` has no tag, so the build takes whatever is the latest image",
            help=f"name the version: `{text}:TAG`",
        )
