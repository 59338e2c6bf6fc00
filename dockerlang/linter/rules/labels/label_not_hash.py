"""A label that should be a git commit is none.

Says nothing until the configuration's `label-schema` gives a label this format.

## Bad
```yaml
label-schema: {example: hash}
```
```dockerfile
FROM alpine:3.20
LABEL example="main"
```

## Good
```yaml
label-schema: {example: hash}
```
```dockerfile
FROM alpine:3.20
ARG VALUE
LABEL example="6dcb09b" other="main"
LABEL example=$VALUE
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.facts.label_schema import is_valid, values_of
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes


@rule("DL3055", on=nodes.Label, severity=Severity.WARNING)
def label_not_hash(instruction: nodes.Label, file: LintedFile) -> Iterator[Finding]:
    for name, word, value in values_of(file, instruction, "hash"):
        if not is_valid("hash", value):
            yield Finding(
                word.span,
                f"the label `{name}` should be the hash of a git commit, not `{value}`",
                help="7 or all 40 digits, in lower case",
            )
