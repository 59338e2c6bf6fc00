"""The arguments that a command stands for; which shell runs it at a line is `state`'s to say."""

from __future__ import annotations

from dockerlang.syntax import nodes

DEFAULT_SHELL = ("/bin/sh", "-c")
"""What runs the shell form where no SHELL says otherwise (on Linux)."""


def argv(command: nodes.Command | None, shell: tuple[str, ...]) -> tuple[str, ...]:
    """The arguments that a command is started with: the array as it is, or the shell with the text behind it.

    No command at all is an empty text.
    """
    match command:
        case nodes.ExecForm():
            return command.arguments
        case nodes.ShellForm(text=text):
            return (*shell, text)
        case None:
            return (*shell, "")
