"""Do not switch off the check of certificates.

Anyone between the build and the server can then put what they like into the image.

## Bad
```dockerfile
FROM debian:12
RUN curl -k -O https://example.com/tool && wget --no-check-certificate -q https://example.com/other
```

## Fixed
```dockerfile
FROM debian:12
RUN curl -O https://example.com/tool && wget -q https://example.com/other
```

## Good
```dockerfile
FROM debian:12
RUN curl -fsSLO https://example.com/tool
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.removal import remove_word
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Argument, Invocation

_SWITCHES = {
    "curl": ("k", "insecure"),
    "wget": ("no-check-certificate",),
}


@rule("unverified-download", on=Invocation, of=tuple(_SWITCHES), severity=Severity.WARNING, on_triggers=True)
def unverified_download(invocation: Invocation, file: LintedFile) -> Iterator[Finding]:
    switches = _SWITCHES[invocation.name]
    for argument in invocation.arguments:
        text = argument.text
        is_long = text.startswith("--") and text[2:] in switches
        # A letter may be the value of one before it (`-ok`), so only groups of plain switches are looked into.
        is_short = text.startswith("-") and not text.startswith("--") and set("fsSLkO") >= set(text[1:]) and "k" in text
        if is_long or (is_short and "k" in switches):
            yield Finding(
                argument.span,
                f"`{invocation.name}` accepts any certificate",
                _fix(argument, file) if not invocation.is_exec_form else None,
                help="install `ca-certificates`, or give the certificate of your own authority",
            )


def _fix(argument: Argument, file: LintedFile) -> Fix | None:
    if file.text(argument.span) != argument.text:
        return None
    is_alone = argument.text.startswith("--") or argument.text == "-k"
    edit = remove_word(file.document, argument.span)
    if not is_alone:
        edit = Edit(argument.span, argument.text.replace("k", ""))
    return Fix("check certificates", (edit,), Safety.UNSAFE)
