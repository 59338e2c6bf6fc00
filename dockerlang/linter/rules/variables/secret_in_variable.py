"""Do not put secrets into ARG or ENV.

Whoever has the image can read them: `docker history` shows ARG, `docker inspect` ENV.

## Bad
```dockerfile
FROM alpine:3.20
ENV DATABASE_PASSWORD=hunter2
```

## Good
```dockerfile
FROM alpine:3.20
ENV DATABASE_HOST=db
RUN --mount=type=secret,id=database migrate
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.facts.secrets import is_hadolint_secret
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import unquoted
from dockerlang.syntax import nodes


@rule(
    "DL3064",
    on=nodes.Arg | nodes.Env,
    severity=Severity.WARNING,
    on_triggers=True,
    twin="SecretsUsedInArgOrEnv",
)
def secret_in_variable(instruction: nodes.Arg | nodes.Env, _file: LintedFile) -> Iterator[Finding]:
    if isinstance(instruction, nodes.Arg):
        named = [(declaration.name.text, declaration.name.span) for declaration in instruction.declarations]
    else:
        named = [(unquoted(pair.name), pair.name.span) for pair in instruction.pairs]
    for name, span in named:
        if is_hadolint_secret(name):
            yield Finding(
                span,
                f"`{name}` seems to hold a secret that everyone with the image can read",
                help="use `RUN --mount=type=secret` instead",
            )
