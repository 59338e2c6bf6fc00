"""Do not copy files that hold secrets.

They stay in the layer for everyone who has the image, also if a later RUN deletes them. `RUN --mount=type=secret`
gives a file to one command and leaves nothing behind.

## Bad
```dockerfile
FROM node:20
COPY .npmrc /root/
RUN npm ci
```

## Good
```dockerfile
FROM node:20
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci
COPY .env.example /app/
COPY id_rsa.pub /root/.ssh/
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.facts.sources import text_of
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes

_SECRET = frozenset(
    {
        ".env", ".npmrc", ".netrc", ".pypirc", ".git-credentials", ".pgpass", ".vault-token", "id_rsa", "id_dsa",
        "id_ecdsa", "id_ed25519", "credentials.json",
    }
)  # fmt: skip


@rule("secret-file-copied", on=nodes.Copy | nodes.Add, severity=Severity.WARNING)
def secret_file_copied(instruction: nodes.Transfer, _file: LintedFile) -> Iterator[Finding]:
    if instruction.flag("from") is not None:
        return
    for source in instruction.sources:
        if not isinstance(source, nodes.Word):
            continue
        name = text_of(source).rstrip("/").rpartition("/")[2]
        if name in _SECRET:
            yield Finding(
                source.span,
                f"`{name}` usually holds secrets, and everyone with the image can read it",
                help="mount it where it is needed: `RUN --mount=type=secret,id=...,target=...`",
            )
