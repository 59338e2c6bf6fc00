"""Take base images only from registries that are trusted.

Says nothing until the configuration lists them (`trustedRegistries`). A list that names `docker.io` allows images
without a registry; `*` stands for any run of characters.

## Bad
```yaml
trustedRegistries: [docker.io, "*.example.com"]
```
```dockerfile
FROM registry.elsewhere.org/tools:3
```

## Good
```yaml
trustedRegistries: [docker.io, "*.example.com"]
```
```dockerfile
FROM debian:12 AS base
FROM mirror.example.com/debian:12
FROM base
FROM scratch
```
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import part_of, unquoted
from dockerlang.semantics.stages import Stage

DOCKER_HUB = "docker.io"


@rule("DL3026", on=Stage, severity=Severity.ERROR)
def untrusted_registry(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    trusted = file.settings.trusted_registries
    word = stage.instruction.image
    if not trusted or word is None or file.base_of(stage) is not None:
        return
    text = unquoted(word)
    if text in ("", "scratch") or text.startswith("$"):
        return
    registry = word.registry
    # A bare name is one of Docker Hub's; `localhost` without a port cannot be told from a user of it.
    hub = registry in ("", "localhost")
    if any(fnmatchcase(DOCKER_HUB if hub else registry, pattern) for pattern in trusted):
        return
    yield Finding(
        part_of(word, word.text.find(registry), word.text.find(registry) + len(registry)) if registry else word.span,
        f"the registry `{registry or DOCKER_HUB}` is not among the trusted ones",
        help=f"take the image from {' or '.join(trusted)}",
    )
