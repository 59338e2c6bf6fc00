"""The scripts of a file as work for an outside checker: whole texts, and the way back of what is found in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from dockerlang.diagnostics import Diagnostic
from dockerlang.records import record
from dockerlang.semantics.scopes import BindingKind
from dockerlang.semantics.scripts import Script
from dockerlang.syntax import nodes
from dockerlang.syntax.lines import OffsetMap
from dockerlang.text import LineIndex, Position, Span

if TYPE_CHECKING:
    from dockerlang.linter.linted_file import LintedFile

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Set by whoever starts the build, without a declaration in the file.
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "ftp_proxy", "no_proxy")
_DECLARED = frozenset({BindingKind.ARG, BindingKind.ENV})
# An ARG is gone when the image is built.
_DECLARED_IN_CONTAINERS = frozenset({BindingKind.ENV})
_DIALECTS = {
    "sh": "/bin/sh",
    "bash": "/bin/bash",
    "dash": "/bin/dash",
    "ash": "/bin/ash",
    "ksh": "/bin/ksh",
    "busybox": "/bin/busybox sh",
}


@record
class ShellTask:
    """A script to be checked: `text` is a whole shell file, of which the first `header` characters are ours.

    A script that `is_in_json` is the string of an exec form: what is written into it must need no escapes there.
    """

    text: str
    header: int
    script: Script
    is_in_json: bool = False

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
    """The scripts of a file that are written for a shell which a checker of POSIX shells can read.

    They are those of RUN, of HEALTHCHECK, and of each exec form that starts a shell with one (`["sh", "-c", "..."]`).
    ENV and ARG names that a script uses are declared as set, as they are when it runs.
    """
    for instruction, holder in _with_triggers(file.document):
        found = _script(file, instruction)
        if found is None or not found.script.text.strip():
            continue
        script = found.script
        shell = _DIALECTS.get(found.program or script.interpreter_name or file.dialect_of(holder))
        if shell is None:
            continue
        bindings = file.scope_at(holder).bindings.values()
        declared = _DECLARED if isinstance(instruction, nodes.Run) else _DECLARED_IN_CONTAINERS
        names = [*_PROXIES, *(binding.name for binding in bindings if binding.kind in declared)]
        # Every export costs time, and equal texts are checked once: names that the script does not use are left out.
        used = frozenset(_IDENTIFIER.findall(script.text))
        exports = "; ".join(f"export {name}=1" for name in names if name in used)
        header = f"#!{shell}\n{exports}\n"
        body = script.text
        if body.startswith("#!"):
            # A second `#!` line would itself be a finding; as a comment it keeps its length.
            body = "# " + body[2:]
        yield ShellTask(header + body + "\n", len(header), script, is_in_json=bool(found.program))


@record
class _Found:
    """A script; `program` is the shell that an exec form starts with it, empty for the shell form."""

    script: Script
    program: str = ""


def _with_triggers(document: nodes.Document) -> Iterator[tuple[nodes.Instruction, nodes.Instruction]]:
    """All instructions, those below ONBUILD too, each with the instruction of the file that holds it."""
    for instruction in document.instructions:
        yield instruction, instruction
        if isinstance(instruction, nodes.OnBuild) and instruction.trigger is not None:
            yield instruction.trigger, instruction


def _script(file: LintedFile, instruction: nodes.Instruction) -> _Found | None:
    match instruction:
        case nodes.Run(command=nodes.ExecForm() as command):
            return _script_in_json(file, command)
        case nodes.Run():
            script = file.script(instruction)
            return _Found(script) if script is not None else None
        case nodes.Healthcheck(command=nodes.ShellForm() as command):
            return _Found(Script(command.text, command.offsets))
        case (
            nodes.Healthcheck(command=nodes.ExecForm() as command)
            | nodes.Cmd(command=nodes.ExecForm() as command)
            | nodes.Entrypoint(command=nodes.ExecForm() as command)
        ):
            return _script_in_json(file, command)
        case _:
            return None


def _script_in_json(file: LintedFile, command: nodes.ExecForm) -> _Found | None:
    """The script that an exec form hands to a shell, where it is written without escapes and so has exact places."""
    if not command.elements:
        return None
    program = command.elements[0].text.rpartition("/")[2]
    element = _operand_of_c(command.elements[1:]) if program in _DIALECTS else None
    if element is None or file.text(element.span)[1:-1] != element.text:
        return None
    return _Found(Script(element.text, OffsetMap((0,), (element.span.start + 1,))), program)


def _operand_of_c(arguments: Sequence[nodes.JsonString]) -> nodes.JsonString | None:
    """The script among a shell's arguments: the first operand, if an option before it is `-c`."""
    has_c = is_value = False
    for argument in arguments:
        word = argument.text
        if is_value:
            is_value = False
        elif len(word) > 1 and word[0] in "-+":
            is_short = not word.startswith("--")
            has_c = has_c or (is_short and "c" in word)
            # `-o pipefail`: the option's name is an argument of its own.
            is_value = is_short and word.endswith("o")
        else:
            return argument if has_c else None
    return None
