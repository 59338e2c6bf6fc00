"""The shell form of CMD and ENTRYPOINT as the exec form that does the same, where one command line is all there is."""

from __future__ import annotations

import json
import shlex

from dockerlang.diagnostics import Fix, Safety
from dockerlang.edits import Edit
from dockerlang.syntax import nodes

# fmt: off
_BUILTINS = frozenset({
    "alias", "bg", "case", "cd", "command", "eval", "exec", "exit", "export", "fg", "for", "function", "hash", "if",
    "jobs", "read", "set", "shift", "source", "test", "times", "trap", "type", "ulimit", "umask", "unset", "until",
    "wait", "while",
})
# fmt: on
# Anything that only a shell gives a meaning to.
_SHELL_CHARACTERS = frozenset("$`\\;&|<>(){}*?[]~#!\n")


def as_exec_form(command: nodes.ShellForm) -> Fix | None:
    """The edit to the exec form; None where the command needs its shell.

    It is unsafe: the shell is no longer between the container and the process.
    """
    text = command.text.strip()
    if len(command.span) != len(command.text) or not text or not _SHELL_CHARACTERS.isdisjoint(text):
        return None
    try:
        words = shlex.split(text)
    except ValueError:
        return None
    # `NAME=value command` sets a variable, and a shell knows words of its own that no file holds.
    if not words or "=" in words[0] or words[0] in _BUILTINS:
        return None
    return Fix("write it in exec form", (Edit(command.span, json.dumps(words, ensure_ascii=False)),), Safety.UNSAFE)
