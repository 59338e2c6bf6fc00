"""Nothing outside of the build context can be copied.

`../` at the start of a source is cut off: the file of that name in the context is copied, or none is found.

## Bad
```dockerfile
FROM alpine:3.20
COPY ../shared/app.conf /etc/
```

## Fixed
```dockerfile
FROM alpine:3.20
COPY shared/app.conf /etc/
```

## Good
```dockerfile
FROM alpine:3.20
COPY shared/app.conf ./..a /etc/
COPY --from=busybox ../bin/busybox /bin/
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Severity
from dockerlang.edits import Edit
from dockerlang.linter.facts.sources import text_of
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes


@rule("source-outside-context", on=nodes.Copy | nodes.Add, severity=Severity.WARNING, on_triggers=True)
def source_outside_context(instruction: nodes.Transfer, _file: LintedFile) -> Iterator[Finding]:
    if instruction.flag("from") is not None or instruction.destination is None:
        return
    for source in instruction.sources:
        if not isinstance(source, nodes.Word) or not re.match(r"(?:\./)*\.\.(?:/|\Z)", text_of(source)):
            continue
        inside = re.sub(r"\A(?:\.{1,2}(?:/|\Z))+", "", text_of(source)) or "."
        is_as_written = source.is_plain and len(source.span) == len(source.text)
        # It is what the build takes it for anyway.
        fix = Fix(f"write `{inside}`", (Edit(source.span, inside),)) if is_as_written else None
        yield Finding(
            source.span,
            f"`{text_of(source)}` is taken for `{inside}` in the build context",
            fix,
            help="use a larger context, or give it another name: `--build-context shared=../shared`",
        )
