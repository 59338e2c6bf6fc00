"""A label that should be a semantic version is none.

Says nothing until the configuration's `label-schema` gives a label this format.

## Bad
```yaml
label-schema: {example: semver}
```
```dockerfile
FROM alpine:3.20
LABEL example="v1.2"
```

## Good
```yaml
label-schema: {example: semver}
```
```dockerfile
FROM alpine:3.20
ARG VALUE
LABEL example="1.2.0-rc.1" other="v1.2"
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


@rule("DL3056", on=nodes.Label, severity=Severity.WARNING)
def label_not_version(instruction: nodes.Label, file: LintedFile) -> Iterator[Finding]:
    for name, word, value in values_of(file, instruction, "semver"):
        if not is_valid("semver", value):
            yield Finding(
                word.span, f"the label `{name}` should be a semantic version, not `{value}`", help="write it as `1.2.3`"
            )
