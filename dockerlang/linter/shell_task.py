"""The scripts of a file as work for an outside checker: whole texts, and the way back of what is found in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dockerlang.diagnostics import Diagnostic
from dockerlang.linter.shell import Script
from dockerlang.semantics.scopes import BindingKind
from dockerlang.text import LineIndex, Position, Span

if TYPE_CHECKING:
    from dockerlang.linter.linted_file import LintedFile

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Set by whoever starts the build, without a declaration in the file.
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "ftp_proxy", "no_proxy")
_DECLARED = frozenset({BindingKind.ARG, BindingKind.ENV})
_DIALECTS = {
    "sh": "/bin/sh",
    "bash": "/bin/bash",
    "dash": "/bin/dash",
    "ash": "/bin/ash",
    "ksh": "/bin/ksh",
    "busybox": "/bin/busybox sh",
}


@dataclass(frozen=True, slots=True)
class ShellTask:
    """A script to be checked: `text` is a whole shell file, of which the first `header` characters are ours."""

    text: str
    header: int
    script: Script

    def lines(self) -> LineIndex:
        """The lines of the text, to turn a checker's positions into offsets."""
        return LineIndex(self.text)

    def offset(self, lines: LineIndex, line: int, column: int) -> int:
        """The offset in the script of a line and column of the text, both counted from 1."""
        return max(lines.offset(Position(line - 1, column - 1)) - self.header, 0)

    def span(self, start: int, end: int) -> Span:
        """The place in the Dockerfile of `[start, end)` of the script; what lies behind its end is the end."""
        length = len(self.script.text)
        return self.script.span(min(start, length), min(end, length))


Checker = Callable[[Sequence[ShellTask]], Sequence[tuple[Diagnostic, ...]]]


def tasks_of(file: LintedFile) -> Iterator[ShellTask]:
    """The scripts of all RUNs that are written for a shell which a checker of POSIX shells can read.

    ENV and ARG names that a script uses are declared as set, as they are when it runs.
    """
    for run, holder in file.runs():
        script = file.script(run)
        if script is None or not script.text.strip():
            continue
        shell = _DIALECTS.get(script.interpreter_name or file.dialect_of(holder))
        if shell is None:
            continue
        bindings = file.scope_at(holder).bindings.values()
        names = [*_PROXIES, *(binding.name for binding in bindings if binding.kind in _DECLARED)]
        # Every export costs time, and equal texts are checked once: names that the script does not use are left out.
        used = frozenset(_IDENTIFIER.findall(script.text))
        exports = "; ".join(f"export {name}=1" for name in names if name in used)
        header = f"#!{shell}\n{exports}\n"
        body = script.text
        if body.startswith("#!"):
            # A second `#!` line would itself be a finding; as a comment it keeps its length.
            body = "# " + body[2:]
        yield ShellTask(header + body + "\n", len(header), script)
