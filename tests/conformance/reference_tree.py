"""Our tree in the terms of the reference's: nodes with `value`, `args`, `flags`, and their dump."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dockerlang.semantics.doc_comments import comment_text, comments_above
from dockerlang.syntax import go_literals, nodes
from dockerlang.text import LineIndex

Json = dict[str, Any]


def nodes_of(document: nodes.Document) -> list[Json]:
    """One node an instruction; what is empty is left out."""
    above = comments_above(document)
    return [
        {
            **_node(document, instruction),
            **_present(
                heredocs=[heredoc_of(heredoc) for heredoc in instruction.heredocs],
                prev_comments=[comment_text(document, comment) for comment in above.get(id(instruction), ())],
            ),
            "original": instruction.text,
            **_lines(instruction, document.source.lines),
        }
        for instruction in document.instructions
    ]


def warnings_of(document: nodes.Document) -> list[str]:
    """The only warning of the reference's parser: empty lines inside an instruction."""
    return [
        f"{lines_of(instruction, document.source.lines)[-1]}:Empty continuation line found in: {instruction.text}"
        for instruction in document.instructions
        if instruction.blank_lines
    ]


def dump_of(tree: list[Json]) -> str:
    """The tree as text: an instruction a line, names in lower case, arguments quoted as Go does."""
    return "\n".join(_dumped(node) for node in tree)


def lines_of(instruction: nodes.Instruction, index: LineIndex) -> list[int]:
    """The lines of an instruction, from 1; heredocs included."""
    first = index.line_of(instruction.span.start)
    last = max(first, index.line_of(max(instruction.span.end - 1, instruction.span.start)))
    return list(range(first + 1, last + 2))


def heredoc_of(heredoc: nodes.Heredoc) -> Json:
    """A heredoc as the reference records it; its content is not chomped."""
    return {
        "Name": heredoc.delimiter,
        "FileDescriptor": heredoc.file_descriptor,
        "Expand": heredoc.does_expand,
        "Chomp": heredoc.does_chomp,
        "Content": heredoc.content,
    }


def flags_of(instruction: nodes.Instruction) -> list[str]:
    """The flag words without their quotes."""
    return [f"--{flag.name}" + ("" if flag.value is None else f"={flag.value.text}") for flag in instruction.flags]


def heredoc_mark(document: nodes.Document, heredoc: nodes.Heredoc) -> str:
    """The mark as it stands on the joined line."""
    return re.sub(rf"{re.escape(document.escape)}[ \t]*\r*\n", "", document.source.slice(heredoc.span))


def _node(document: nodes.Document, instruction: nodes.Instruction) -> Json:
    arguments, is_json = _arguments(document, instruction)
    return {
        "value": instruction.keyword.text,
        **_present(args=arguments, flags=flags_of(instruction), json=is_json),
    }


def _lines(instruction: nodes.Instruction, index: LineIndex) -> Json:
    lines = lines_of(instruction, index)
    return {"start_line": lines[0], "end_line": lines[-1]}


def _present(**fields: object) -> Json:
    return {name: value for name, value in fields.items() if value}


def _arguments(document: nodes.Document, instruction: nodes.Instruction) -> tuple[list[Any], bool]:
    match instruction:
        case nodes.From():
            parts = (instruction.image, instruction.as_keyword, instruction.stage, *instruction.extra)
            return [part.text for part in parts if part is not None], False
        case nodes.Arg():
            return [declaration_text(declaration) for declaration in instruction.declarations], False
        case nodes.Env() | nodes.Label():
            mark = "" if instruction.is_legacy else "="
            pairs = ((pair.name.text, "" if pair.value is None else pair.value.text) for pair in instruction.pairs)
            return [text for name, value in pairs for text in (name, value, mark)], False
        case nodes.Run() | nodes.Cmd() | nodes.Entrypoint() | nodes.Shell():
            return _command(instruction.command)
        case nodes.Healthcheck(kind=kind):
            arguments, is_json = _command(instruction.command)
            return [*([] if kind is None else [kind.text]), *arguments], is_json
        case nodes.Transfer():
            paths = (*instruction.sources, instruction.destination)
            return [_argument(document, path) for path in paths if path is not None], instruction.is_json
        case nodes.Volume():
            return [path.text for path in instruction.paths], instruction.is_json
        case nodes.Expose():
            return [port.text for port in instruction.ports], False
        case nodes.User(user=word) | nodes.Workdir(path=word) | nodes.StopSignal(signal=word):
            return [] if word is None else [word.text], False
        case nodes.Maintainer(name=name):
            return [] if name is None else [name.text], False
        case nodes.OnBuild(trigger=trigger):
            if trigger is None:
                return [], False
            return [{**_node(document, trigger), "original": trigger.text, "start_line": 0, "end_line": 0}], False
        case _:
            return [""], False


def declaration_text(declaration: nodes.Declaration) -> str:
    """A word of ARG as it is written."""
    return declaration.name.text + ("" if declaration.value is None else f"={declaration.value.text}")


def _command(command: nodes.Command | None) -> tuple[list[Any], bool]:
    match command:
        case nodes.ExecForm():
            return list(command.arguments), True
        case nodes.ShellForm(text=text):
            return [text], False
        case None:
            return [], False


def _argument(document: nodes.Document, part: nodes.Word | nodes.Heredoc) -> str:
    return heredoc_mark(document, part) if isinstance(part, nodes.Heredoc) else part.text


def _dumped(node: Mapping[str, Any]) -> str:
    parts = [node["value"].lower()]
    if node.get("flags"):
        parts.append(f"[{' '.join(go_literals.quote(flag) for flag in node['flags'])}]")
    parts.extend(
        _dumped(argument) if isinstance(argument, dict) else go_literals.quote(argument)
        for argument in node.get("args", ())
    )
    return f"({' '.join(parts)})"
