"""Pin base images by their digests.

A tag moves: the same Dockerfile gives another image when the base image is built anew. Off by default: somebody, or
a robot, has to keep the digests up to date.

## Bad
```dockerfile
FROM debian:12
```

## Good
```dockerfile
FROM debian:12@sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d AS base
FROM base
FROM scratch
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import unquoted
from dockerlang.semantics.stages import Stage


@rule("image-without-digest", on=Stage, severity=Severity.INFO, is_default=False)
def image_without_digest(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    word = stage.instruction.image
    if word is None or word.digest or file.base_of(stage) is not None:
        return
    text = unquoted(word)
    if text and text != "scratch" and not text.startswith("$"):
        yield Finding(word.span, f"`{text}` is another image when its tag moves", help=f"write `{text}@sha256:...`")
