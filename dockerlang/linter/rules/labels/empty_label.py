"""A label of the schema is empty.

Says nothing until the configuration has a `label-schema`.

## Bad
```yaml
label-schema: {maintainer: text}
```
```dockerfile
FROM alpine:3.20
LABEL maintainer=""
```

## Good
```yaml
label-schema: {maintainer: text}
```
```dockerfile
FROM alpine:3.20
LABEL maintainer=ada other=""
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.facts.label_schema import FORMATS, values_of
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.syntax import nodes


@rule("DL3051", on=nodes.Label, severity=Severity.WARNING)
def empty_label(instruction: nodes.Label, file: LintedFile) -> Iterator[Finding]:
    for format in FORMATS:
        for name, word, value in values_of(file, instruction, format):
            if not value:
                yield Finding(word.span, f"the label `{name}` is empty")
