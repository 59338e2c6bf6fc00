"""A label that the schema asks for is missing.

Says nothing until the configuration has a `label-schema`.

## Bad
```yaml
label-schema: {maintainer: text, version: semver}
```
```dockerfile
FROM alpine:3.20
LABEL maintainer=ada
```

## Good
```yaml
label-schema: {maintainer: text, version: semver}
```
```dockerfile
FROM alpine:3.20 AS base
LABEL maintainer=ada
FROM base
LABEL version=1.0.0
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.facts.label_schema import names_in
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, only, rule
from dockerlang.syntax import nodes


@rule("DL3049", on=nodes.Document, sees=only(nodes.Label), severity=Severity.INFO)
def missing_label(_document: nodes.Document, file: LintedFile) -> Iterator[Finding]:
    for label in file.settings.label_schema:
        labelled = {stage.index for stage in file.stages if label in names_in(stage)}
        # Labels are inherited by what is built on a stage; and a stage may leave them to what is built on it.
        fine = set(labelled)
        for stage in file.stages:
            line = {relative.index for relative in file.ancestry(stage)}
            if stage.index in labelled:
                fine |= line
            elif line & labelled:
                fine.add(stage.index)
        for stage in file.stages:
            if stage.index not in fine:
                yield Finding(stage.instruction.keyword.span, f"the label `{label}` is missing")
