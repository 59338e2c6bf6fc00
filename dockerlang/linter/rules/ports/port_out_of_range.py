"""Ports go from 0 to 65535.

## Bad
```dockerfile
FROM alpine:3.20
EXPOSE 80 80443
```

## Good
```dockerfile
FROM alpine:3.20
EXPOSE 80 443/tcp 8000-8010 $PORT
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import part_of, unquoted
from dockerlang.syntax import nodes

LAST_PORT = 65_535
_NUMBERS = re.compile(r"([0-9]+)(?:-([0-9]+))?$")


@rule("DL3011", on=nodes.Expose, severity=Severity.ERROR)
def port_out_of_range(instruction: nodes.Expose, _file: LintedFile) -> Iterator[Finding]:
    for word in instruction.ports:
        ports = unquoted(word).partition("/")[0].rpartition(":")[2]
        match = _NUMBERS.match(ports)
        for number in match.groups() if match is not None else ():
            if number is not None and int(number) > LAST_PORT:
                at = word.text.find(number)
                yield Finding(part_of(word, at, at + len(number)), f"{number} is no port: the last one is {LAST_PORT}")
