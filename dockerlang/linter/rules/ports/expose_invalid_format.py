"""BuildKit: EXPOSE names ports of the container only.

An address or a port of the host is ignored today and is going to be an error; publish ports with `docker run -p`.

## Bad
```dockerfile
FROM alpine
EXPOSE 127.0.0.1:8080:80
```

## Fixed
```dockerfile
FROM alpine
EXPOSE 80
```

## Good
```dockerfile
FROM alpine
EXPOSE 80/tcp
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.expand import ExpansionError, expand_words
from dockerlang.syntax import nodes


@rule("ExposeInvalidFormat", on=nodes.Expose, severity=Severity.WARNING)
def expose_invalid_format(instruction: nodes.Expose, file: LintedFile) -> Iterator[Finding]:
    environment = file.scope_at(instruction).environment
    for word in instruction.ports:
        try:
            ports = expand_words(word, environment)
        except ExpansionError:
            continue
        for port in ports:
            if ":" not in port:
                continue
            wanted = port.rpartition(":")[2]
            fix = Fix("keep the container's port", (Edit(word.span, wanted),)) if word.text == port else None
            yield Finding(word.span, f"`{port}` says more than the container's port", fix)
