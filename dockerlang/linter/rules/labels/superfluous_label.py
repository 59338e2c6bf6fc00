"""A label that the schema does not know.

Says nothing until the configuration has `strict-labels: true`.

## Bad
```yaml
label-schema: {maintainer: text}
strict-labels: true
```
```dockerfile
FROM alpine:3.20
LABEL maintainer=ada mantainer=ada
```

## Fixed
```dockerfile
FROM alpine:3.20
LABEL maintainer=ada
```

## Good
```yaml
label-schema: {maintainer: text}
strict-labels: true
```
```dockerfile
FROM alpine:3.20
LABEL maintainer=ada
```
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from dockerlang.diagnostics import Fix, Safety, Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.removal import remove_item, remove_word
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import has_variable, unquoted
from dockerlang.syntax import nodes


@rule("DL3050", on=nodes.Label, severity=Severity.INFO)
def superfluous_label(instruction: nodes.Label, file: LintedFile) -> Iterator[Finding]:
    if not file.settings.strict_labels:
        return
    known = file.settings.label_schema
    for pair in instruction.pairs:
        name = unquoted(pair.name)
        if name not in known and not has_variable(pair.name):
            near = get_close_matches(name, known, 1)
            yield Finding(
                pair.name.span,
                f"the schema has no label `{name}`",
                _fix(instruction, pair, file),
                help=f"did you mean `{near[0]}`?" if near else "",
            )


def _fix(instruction: nodes.Label, pair: nodes.Pair, file: LintedFile) -> Fix | None:
    if len(instruction.pairs) == 1:
        return Fix("remove it", (remove_item(instruction),), Safety.UNSAFE)
    if "\n" in file.text(instruction.statement):
        return None
    return Fix("remove it", (remove_word(file.document, pair.span),), Safety.UNSAFE)
