"""BuildKit: a comment right above a named stage or an ARG should describe it: `# name what it is for`.

Off by default; `# check=experimental=InvalidDefinitionDescription` turns it on. Such comments are what
`docker build --call=outline` shows. An empty line or an empty comment parts a comment from what comes below.

## Bad
```dockerfile
# check=experimental=InvalidDefinitionDescription
# for the tests
FROM alpine AS check
```

## Good
```dockerfile
# check=experimental=InvalidDefinitionDescription
# check runs the tests
FROM alpine AS check
# just a remark
#
ARG VERSION
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.suppress import comments_above
from dockerlang.syntax import nodes


@rule("InvalidDefinitionDescription", on=nodes.Document, severity=Severity.WARNING, is_default=False)
def invalid_definition_description(document: nodes.Document, _file: LintedFile) -> Iterator[Finding]:
    for instruction, comments in comments_above(document):
        names = _names(instruction)
        if not comments or not names:
            continue
        comment = comments[-1]
        if comment.text.split(" ")[0] not in names:
            example = names[0] if len(names) == 1 else "NAME"
            yield Finding(
                instruction.keyword.span,
                f"the comment above does not describe `{names[0]}`",
                help=f"write it as `# {example} what it is for`, or put an empty line between",
            )


def _names(instruction: nodes.Instruction) -> tuple[str, ...]:
    match instruction:
        case nodes.From(stage=nodes.Name() as stage):
            return (stage.text.lower(),)
        case nodes.Arg():
            return tuple(declaration.name.text for declaration in instruction.declarations)
        case _:
            return ()
