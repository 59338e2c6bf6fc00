"""A label that should be a URL is none.

Says nothing until the configuration's `label-schema` gives a label this format.

## Bad
```yaml
label-schema: {example: url}
```
```dockerfile
FROM alpine:3.20
LABEL example="example.com"
```

## Good
```yaml
label-schema: {example: url}
```
```dockerfile
FROM alpine:3.20
ARG VALUE
LABEL example="https://example.com/docs" other="example.com"
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


@rule("DL3052", on=nodes.Label, severity=Severity.WARNING)
def label_not_url(instruction: nodes.Label, file: LintedFile) -> Iterator[Finding]:
    for name, word, value in values_of(file, instruction, "url"):
        if not is_valid("url", value):
            yield Finding(
                word.span,
                f"the label `{name}` should be a URL, not `{value}`",
                help="write it with its scheme: `https://...`",
            )
