"""Do not build on `latest`.

The tag moves with every release, so the same Dockerfile gives different images, and nobody can say later what was in
one of them.

## Bad
```dockerfile
FROM debian:latest
```

## Good
```dockerfile
FROM debian:12.5
FROM debian:latest@sha256:2f1c4e5d8b6a7c9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes


@rule("DL3007", on=nodes.From, severity=Severity.WARNING)
def latest_image(instruction: nodes.From, _file: LintedFile) -> Iterator[Finding]:
    image = instruction.image
    if image is not None and image.tag_span is not None and image.tag == "latest" and not image.digest:
        yield Finding(
            image.tag_span,
            "`latest` moves with every release",
            help="name the version that the file is meant for",
        )
