"""HEALTHCHECK should ask a port that the image exposes.

A check of another port than those of EXPOSE is most often one that was forgotten when the port was changed.

## Bad
```dockerfile
FROM alpine:3.20
EXPOSE 8080
HEALTHCHECK CMD ["wget", "-q", "-O", "/dev/null", "http://localhost:80/"]
```

## Good
```dockerfile
FROM alpine:3.20
EXPOSE 8080-8090 9000/udp
HEALTHCHECK CMD ["wget", "-q", "-O", "/dev/null", "http://localhost:8081/"]
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes
from dockerlang.text import Span

_ASKED = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0):(?P<port>[0-9]{1,5})\b")
_EXPOSED = re.compile(r"(?P<first>[0-9]{1,5})(?:-(?P<last>[0-9]{1,5}))?(?:/\w+)?")


@rule("healthcheck-of-other-port", on=Stage, severity=Severity.INFO)
def healthcheck_of_other_port(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    check = next((found for found in reversed(stage.instructions) if isinstance(found, nodes.Healthcheck)), None)
    if check is None or check.command is None:
        return
    ranges = [_EXPOSED.fullmatch(port.text) for each in file.ancestry(stage) for port in _ports(each)]
    if not ranges or None in ranges:
        return
    for match in _ASKED.finditer(file.text(check.command.span)):
        port = int(match["port"])
        if not any(int(one["first"]) <= port <= int(one["last"] or one["first"]) for one in ranges if one is not None):
            start = check.command.span.start
            yield Finding(
                Span(start + match.start("port"), start + match.end("port")),
                f"the image does not expose port {port}",
                help="ask the port that the service listens on, or add it to EXPOSE",
            )


def _ports(stage: Stage) -> Iterator[nodes.Port]:
    for instruction in stage.instructions:
        if isinstance(instruction, nodes.Expose):
            yield from instruction.ports
