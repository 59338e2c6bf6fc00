"""BuildKit: keep secrets out of ARG and ENV.

Their values stay in the image: ENV in its configuration, ARG in its history. `RUN --mount=type=secret` gives a secret
to one command and leaves nothing behind.

## Bad
```dockerfile
FROM alpine
ARG AWS_SECRET_ACCESS_KEY
RUN deploy
```

## Good
```dockerfile
FROM alpine
ENV PUBLIC_KEY=/etc/key.pub PASSWORD_FILE=/run/secrets/password
RUN --mount=type=secret,id=aws,env=AWS_SECRET_ACCESS_KEY deploy
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.facts.secrets import is_buildkit_secret
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import unquoted
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes


@rule("SecretsUsedInArgOrEnv", on=Stage, severity=Severity.WARNING, twin="DL3064")
def secrets_used_in_arg_or_env(stage: Stage, _file: LintedFile) -> Iterator[Finding]:
    for instruction in stage.instructions:
        for name in _names(instruction):
            text = unquoted(name) if isinstance(name, nodes.Word) else name.text
            if is_buildkit_secret(text):
                yield Finding(
                    name.span,
                    f"`{text}` looks like a secret, and the image keeps its value",
                    help="give it to the command that needs it with `RUN --mount=type=secret`",
                )


def _names(instruction: nodes.Instruction) -> tuple[nodes.Word | nodes.Name, ...]:
    match instruction:
        case nodes.Arg():
            return tuple(declaration.name for declaration in instruction.declarations)
        case nodes.Env():
            return tuple(pair.name for pair in instruction.pairs)
        case _:
            return ()
