"""BuildKit: the base image must be there for the platform that is built for.

Needs to know the image, so it speaks only of images that are at hand.

## Bad
```platforms
alpine linux/arm64
```
```dockerfile
FROM --platform=linux/amd64 alpine
```

## Good
```platforms
alpine linux/amd64
```
```dockerfile
FROM --platform=linux/amd64 alpine AS base
FROM base
FROM --platform=linux/amd64 elsewhere
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.errors import InputError
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.oci.platform import Platform, host_platform, matches, parse_platform
from dockerlang.semantics.expand import ExpansionError, expand
from dockerlang.semantics.stages import Stage


@rule("InvalidBaseImagePlatform", on=Stage, severity=Severity.WARNING)
def invalid_base_image_platform(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    platform_of = file.surroundings.platform_of
    word, image = stage.instruction.image, file.scopes.image_of(stage)
    if platform_of is None or word is None or not image or file.base_of(stage) is not None:
        return
    wanted, found = _wanted(stage, file), platform_of(image)
    if wanted is None or found is None or matches(wanted, found):
        return
    yield Finding(
        word.span,
        f"`{image}` is an image for {found}, and the stage is built for {wanted}",
        help="pull the image for that platform, or choose another with --platform",
    )


def _wanted(stage: Stage, file: LintedFile) -> Platform | None:
    flag = stage.instruction.flag("platform")
    if flag is None or flag.value is None:
        return file.surroundings.target_platform or host_platform()
    try:
        return parse_platform(expand(flag.value, file.scopes.globals.environment).text)
    except (ExpansionError, InputError):
        return None
