"""BuildKit: write the protocol of EXPOSE in lower case.

## Bad
```dockerfile
FROM alpine
EXPOSE 53/UDP
```

## Fixed
```dockerfile
FROM alpine
EXPOSE 53/udp
```

## Good
```dockerfile
FROM alpine
EXPOSE 53/udp 80
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import part_of
from dockerlang.semantics.expand import ExpansionError, expand_words
from dockerlang.syntax import nodes


@rule("ExposeProtoCasing", on=nodes.Expose, severity=Severity.WARNING)
def expose_proto_casing(instruction: nodes.Expose, file: LintedFile) -> Iterator[Finding]:
    environment = file.scope_at(instruction).environment
    for word in instruction.ports:
        try:
            ports = expand_words(word, environment)
        except ExpansionError:
            continue
        for port in ports:
            protocol = port.partition("/")[2]
            if protocol == protocol.lower():
                continue
            at = word.text.find(protocol)
            span = part_of(word, at, at + len(protocol)) if at >= 0 else word.span
            lowered = protocol.lower()
            fix = Fix(f"write {lowered}", (Edit(span, lowered),)) if file.text(span) == protocol else None
            yield Finding(span, f"the protocol `{protocol}` is not in lower case", fix)
