"""A comment that silences nothing is no longer needed.

It may have been right once; the next finding under its code, which it would hide, is most likely another one. Codes
that were not looked for (rules that are off, ShellCheck's without ShellCheck) are not judged. An editor, which looks
only at what has changed, does not say it.

## Bad
```dockerfile
# hadolint ignore=DL3006,DL3020
FROM debian
# dockerlang: ignore[DL3004] it was needed once
RUN make
```

## Fixed
```dockerfile
# hadolint ignore=DL3006
FROM debian
RUN make
```

## Good
```dockerfile
# hadolint ignore=DL3006
FROM debian
# hadolint ignore=DL9999
RUN make
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Severity, Tag
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.suppress import Pragma, Suppressions
from dockerlang.text import Span


@rule("unused-suppression", on=Suppressions, severity=Severity.INFO, tags=(Tag.UNNECESSARY,))
def unused_suppression(suppressions: Suppressions, file: LintedFile) -> Iterator[Finding]:
    for pragma, unused in suppressions.unused():
        written = [code.strip() for code in pragma.written.split(",") if code.strip()]
        named = ", ".join(f"`{code}`" for code in written if code.lower() in unused)
        text = file.text(pragma.span)
        bare = text.strip()
        start = pragma.span.start + text.index(bare)
        fix = _fix(pragma, [code for code in written if code.lower() not in unused], file)
        yield Finding(Span(start, start + len(bare)), f"nothing is found here under {named}", fix)


def _fix(pragma: Pragma, kept: list[str], file: LintedFile) -> Fix | None:
    text = file.text(pragma.span)
    if kept:
        at = pragma.span.start + text.index(pragma.written)
        separator = ", " if ", " in pragma.written else ","
        edit = Edit(Span(at, at + len(pragma.written)), separator.join(kept))
        return Fix("leave out what is not needed", (edit,))
    # Inside an instruction a comment's line belongs to what it continues.
    return Fix("remove the comment", (Edit(pragma.span, ""),)) if text.endswith("\n") else None
