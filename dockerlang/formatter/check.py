"""Whether two instructions mean the same: what the printer must not change, and what it may."""

from __future__ import annotations

from dataclasses import replace

from dockerlang.formatter.shell import normal_form
from dockerlang.syntax import nodes, walk


def is_same_meaning(before: nodes.Instruction, after: nodes.Instruction) -> bool:
    """Whether the trees are equal but for the case of keywords and the blanks between the words of shell commands.

    Comments inside the instruction have to be the same as well.
    """
    if [comment.text for comment in before.comments] != [comment.text for comment in after.comments]:
        return False
    return walk.equal(_view(before), _view(after))


def _view(instruction: nodes.Instruction) -> nodes.Instruction:
    """The instruction without all that may differ."""
    keyword = replace(instruction.keyword, text=instruction.keyword.text.upper())
    plain = replace(instruction, keyword=keyword, text="", comments=(), blank_lines=())
    match plain:
        case nodes.From() if plain.as_keyword is not None:
            return replace(plain, as_keyword=replace(plain.as_keyword, text=plain.as_keyword.text.upper()))
        case nodes.Run() | nodes.Cmd() | nodes.Entrypoint() | nodes.Shell():
            return replace(plain, command=_command_view(plain.command))
        case nodes.Healthcheck():
            kind = plain.kind and replace(plain.kind, text=plain.kind.text.upper())
            return replace(plain, kind=kind, command=_command_view(plain.command))
        case nodes.OnBuild():
            return replace(plain, trigger_text="", trigger=plain.trigger and _view(plain.trigger))
        case _:
            return plain


def _command_view(command: nodes.Command | None) -> nodes.Command | None:
    return replace(command, text=normal_form(command.text)) if isinstance(command, nodes.ShellForm) else command
