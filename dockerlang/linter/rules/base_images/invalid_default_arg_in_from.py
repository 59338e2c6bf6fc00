"""BuildKit: FROM must name an image even if no `--build-arg` is given.

## Bad
```dockerfile
ARG VERSION
FROM alpine:$VERSION
```

## Good
```dockerfile
ARG VERSION=3.20
ARG VARIANT
FROM alpine:${VERSION}${VARIANT}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.errors import InputError
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, only, rule
from dockerlang.oci.reference import parse_reference
from dockerlang.semantics.expand import ExpansionError, expand
from dockerlang.syntax import nodes


@rule("InvalidDefaultArgInFrom", on=nodes.Document, sees=only(), severity=Severity.WARNING)
def invalid_default_arg_in_from(_document: nodes.Document, file: LintedFile) -> Iterator[Finding]:
    for stage in file.stages:
        word = stage.instruction.image
        if word is None:
            continue
        try:
            name = expand(word, file.scopes.globals.environment).text
        except ExpansionError:
            # The build fails there; what would come after it is not looked at.
            return
        if not _is_image_name(name):
            written = f"`{word.text}`" if name == word.text else f"`{word.text}`, which gives `{name}`,"
            yield Finding(
                word.span,
                f"{written} names no image",
                help="give the argument a default with which it does" if "$" in word.text else "",
            )


def _is_image_name(text: str) -> bool:
    try:
        parse_reference(text)
    except InputError:
        return False
    return True
