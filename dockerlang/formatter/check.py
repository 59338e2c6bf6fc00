"""Whether two instructions mean the same: what the printer must not change, and what it may."""

from __future__ import annotations

from collections.abc import Callable

from dockerlang.formatter.shell import normal_form
from dockerlang.records import replace
from dockerlang.syntax import nodes, walk


def is_same_meaning(before: nodes.Instruction, after: nodes.Instruction) -> bool:
    """Whether the trees are equal but for the case of keywords and the blanks between the words of shell commands.

    Comments inside the instruction have to be the same as well.
    """
    if [comment.text for comment in before.comments] != [comment.text for comment in after.comments]:
        return False
    # Reading a shell command takes time, and mostly it has not changed at all.
    return any(walk.equal(_view(before, form), _view(after, form)) for form in (_as_written, normal_form))


def _as_written(command: str) -> str:
    return command


def _view(instruction: nodes.Instruction, form: Callable[[str], str]) -> nodes.Instruction:
    """The instruction without all that may differ, shell commands in the given form."""
    keyword = replace(instruction.keyword, text=instruction.keyword.text.upper())
    plain = replace(instruction, keyword=keyword, text="", comments=(), blank_lines=())
    match plain:
        case nodes.From() if plain.as_keyword is not None:
            return replace(plain, as_keyword=replace(plain.as_keyword, text=plain.as_keyword.text.upper()))
        case nodes.Run() | nodes.Cmd() | nodes.Entrypoint() | nodes.Shell():
            return replace(plain, command=_command_view(plain.command, form))
        case nodes.Healthcheck():
            kind = plain.kind and replace(plain.kind, text=plain.kind.text.upper())
            return replace(plain, kind=kind, command=_command_view(plain.command, form))
        case nodes.OnBuild():
            return replace(plain, trigger_text="", trigger=plain.trigger and _view(plain.trigger, form))
        case _:
            return plain


def _command_view(command: nodes.Command | None, form: Callable[[str], str]) -> nodes.Command | None:
    return replace(command, text=form(command.text)) if isinstance(command, nodes.ShellForm) else command
