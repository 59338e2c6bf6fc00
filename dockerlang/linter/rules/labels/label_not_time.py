"""A label that should be a time is none.

Says nothing until the configuration's `label-schema` gives a label this format.

## Bad
```yaml
label-schema: {example: rfc3339}
```
```dockerfile
FROM alpine:3.20
LABEL example="2024-05-01"
```

## Good
```yaml
label-schema: {example: rfc3339}
```
```dockerfile
FROM alpine:3.20
ARG VALUE
LABEL example="2024-05-01T12:00:00Z" other="2024-05-01"
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


@rule("DL3053", on=nodes.Label, severity=Severity.WARNING)
def label_not_time(instruction: nodes.Label, file: LintedFile) -> Iterator[Finding]:
    for name, word, value in values_of(file, instruction, "rfc3339"):
        if not is_valid("rfc3339", value):
            yield Finding(
                word.span,
                f"the label `{name}` should be a time as in RFC 3339, not `{value}`",
                help="write it as `2024-05-01T12:00:00Z`",
            )
