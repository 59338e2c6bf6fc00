"""A label that should be an e-mail address is none.

Says nothing until the configuration's `label-schema` gives a label this format.

## Bad
```yaml
label-schema: {example: email}
```
```dockerfile
FROM alpine:3.20
LABEL example="Ada"
```

## Good
```yaml
label-schema: {example: email}
```
```dockerfile
FROM alpine:3.20
ARG VALUE
LABEL example="ada@example.com" other="Ada"
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


@rule("DL3058", on=nodes.Label, severity=Severity.WARNING)
def label_not_email(instruction: nodes.Label, file: LintedFile) -> Iterator[Finding]:
    for name, word, value in values_of(file, instruction, "email"):
        if not is_valid("email", value):
            yield Finding(word.span, f"the label `{name}` should be an e-mail address, not `{value}`")
