"""An ARG before the first FROM is empty in a RUN until the stage repeats it.

Such an ARG is for FROM lines. A shell takes a name that is not set for an empty text, so the build goes on with
something missing.

## Bad
```dockerfile
ARG VERSION=1.2
FROM alpine:3.20
RUN wget -q "https://example.com/app-${VERSION}.tar.gz"
```

## Fixed
```dockerfile
ARG VERSION=1.2
FROM alpine:3.20
ARG VERSION
RUN wget -q "https://example.com/app-${VERSION}.tar.gz"
```

## Good
```dockerfile
ARG VERSION=1.2
ARG MODE
FROM alpine:3.20 AS one
ARG VERSION
RUN echo "$VERSION" '$MODE'
FROM one
RUN echo "$VERSION" && MODE=a && echo "$MODE"
RUN for MODE in a b; do echo "$MODE"; done
RUN echo "${MODE:-none}"
RUN <<EOF
set -e
cat > /start <<'END'
exec "$MODE"
END
EOF
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Label, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.facts.script_variables import uses_in
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes
from dockerlang.text import Span


@rule("global-argument-in-script", on=Stage, severity=Severity.WARNING)
def global_argument_in_script(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    declared = {each.name.text: each.name.span for arg in file.stages.global_args for each in arg.declarations}
    if not declared:
        return
    told: set[str] = set()
    for instruction in stage.instructions:
        if not isinstance(instruction, nodes.Run):
            continue
        scope = file.scope_at(instruction)
        for use in uses_in(instruction, file):
            if use.name not in declared or use.name in scope.bindings or use.name in told:
                continue
            told.add(use.name)
            yield Finding(
                use.span,
                f"`{use.name}` is an argument of FROM lines only, and empty here",
                _fix(use.name, stage, file),
                labels=(Label(declared[use.name], "declared before the first FROM"),),
            )


def _fix(name: str, stage: Stage, file: LintedFile) -> Fix:
    # Right below FROM: between a RUN and the comment above it the argument would take over the comment's meaning.
    end = stage.instruction.statement.end
    newline = "\r\n" if "\r\n" in file.document.source.text else "\n"
    edit = Edit(Span(end, end), f"{newline}ARG {name}")
    return Fix(f"repeat `ARG {name}` in this stage", (edit,), Safety.UNSAFE)
