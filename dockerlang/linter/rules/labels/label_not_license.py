"""A label that should be a licence is none that SPDX knows.

Says nothing until the configuration's `label-schema` gives a label this format.

## Bad
```yaml
label-schema: {example: spdx}
```
```dockerfile
FROM alpine:3.20
LABEL example="apache"
```

## Good
```yaml
label-schema: {example: spdx}
```
```dockerfile
FROM alpine:3.20
ARG VALUE
LABEL example="Apache-2.0 OR MIT" other="apache"
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


@rule("DL3054", on=nodes.Label, severity=Severity.WARNING)
def label_not_license(instruction: nodes.Label, file: LintedFile) -> Iterator[Finding]:
    for name, word, value in values_of(file, instruction, "spdx"):
        if not is_valid("spdx", value):
            yield Finding(
                word.span,
                f"the label `{name}` should be an SPDX licence expression, not `{value}`",
                help="see https://spdx.org/licenses/",
            )
