"""Say with `--checksum` what a download must be.

What stands at the address may be another file tomorrow; with a checksum that ends the build instead of changing the
image.

## Bad
```dockerfile
FROM debian:12
ADD https://example.com/tool.tar.gz /opt/
```

## Good
```dockerfile
FROM debian:12
ARG SUM=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
ADD --checksum=$SUM https://example.com/tool.tar.gz /opt/
ADD https://example.com/tool.git#v1.2 /opt/tool
ADD local.tar.gz /opt/
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.facts.sources import text_of
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes

_REPOSITORY = re.compile(r"\.git(?:#|\?|\Z)")


@rule("download-without-checksum", on=nodes.Add, severity=Severity.INFO, on_triggers=True)
def download_without_checksum(instruction: nodes.Add, _file: LintedFile) -> Iterator[Finding]:
    if instruction.flag("checksum") is not None:
        return
    for source in instruction.sources:
        address = text_of(source)
        is_download = address.lower().startswith(("http://", "https://")) and not _REPOSITORY.search(address)
        if isinstance(source, nodes.Word) and is_download:
            yield Finding(
                source.span,
                "nothing says what the download must be",
                help="add `--checksum=sha256:...`, with the sum of the file that is meant",
            )
