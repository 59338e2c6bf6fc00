"""The commands of a RUN: which shell its script is written for, and what it starts."""

from __future__ import annotations

from collections.abc import Sequence

from dockerlang.semantics.scripts.commands import ParsedScript, parse_script
from dockerlang.semantics.scripts.script import exec_invocation, script_of
from dockerlang.syntax import nodes

FOREIGN_SHELLS = frozenset({"pwsh", "powershell", "cmd"})
"""Shells of another language; scripts for them are left alone."""
SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh", "busybox"})
"""Shells whose language is read."""


def dialect_of(shell: Sequence[str]) -> str:
    """The name of a shell's program, without its folder; empty where there is none."""
    name = shell[0] if shell else ""
    return name.replace("\\", "/").rpartition("/")[2].removesuffix(".exe").lower()


def run_commands(run: nodes.Run, dialect: str) -> ParsedScript:
    """The commands of a RUN in a shell of this name; the exec form is one command. None in a language not read here."""
    if isinstance(run.command, nodes.ExecForm):
        invocation = exec_invocation(run.command)
        return ParsedScript((invocation,)) if invocation is not None else ParsedScript()
    script = script_of(run)
    if script is None:
        return ParsedScript()
    interpreter = script.interpreter_name
    is_foreign = interpreter not in SHELLS if interpreter else dialect in FOREIGN_SHELLS
    return ParsedScript() if is_foreign else parse_script(script)
