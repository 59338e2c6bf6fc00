"""Printing a tree back as text, from its fields alone: for trees that were changed or made, and so have no source.

`parse(unparse(document))` gives an equal tree (`walk.equal`), but for comments and blank lines inside continuations,
which a joined line does not have. What was written is kept where the tree keeps it: words with their quotes, the case
of keywords.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from dockerlang.syntax import nodes


def unparse(node: nodes.Document | nodes.Item, escape: str = "\\") -> str:
    """The text of a document, or of one of its items where `escape` is the escape character; with line endings."""
    if isinstance(node, nodes.Document):
        return "".join(_item(item, node.escape) for item in node.items)
    return _item(node, escape)


def _item(item: nodes.Item, escape: str) -> str:
    match item:
        case nodes.Blank():
            return "\n"
        case nodes.Comment():
            return f"# {item.text}\n" if item.text else "#\n"
        case nodes.Directive():
            return f"# {item.name}={item.value.text}\n"
        case nodes.Instruction():
            return _instruction(item, escape)


def _instruction(instruction: nodes.Instruction, escape: str) -> str:
    arguments = [argument for argument in _arguments(instruction) if argument]
    if arguments and arguments[0].startswith("--"):
        arguments.insert(0, "--")  # what follows is no flag
    line = " ".join((instruction.keyword.text, *_flags(instruction, escape), *arguments))
    bodies = "".join(f"{heredoc.content}{heredoc.delimiter}\n" for heredoc in instruction.heredocs)
    return f"{line}\n{bodies}"


def _flags(instruction: nodes.Instruction, escape: str) -> Iterator[str]:
    for flag in instruction.flags:
        if flag.value is None:
            yield f"--{flag.name}"
            continue
        special = " \t\v\f\r'\"" + escape
        value = "".join(escape + character if character in special else character for character in flag.value.text)
        yield f"--{flag.name}={value}"


def _arguments(instruction: nodes.Instruction) -> Iterator[str]:
    match instruction:
        case nodes.From():
            yield from _texts(instruction.image, instruction.as_keyword, instruction.stage, *instruction.extra)
        case nodes.Arg():
            for declaration in instruction.declarations:
                value = "" if declaration.value is None else f"={declaration.value.text}"
                yield declaration.name.text + value
        case nodes.Env() | nodes.Label():
            yield from map(_pair, instruction.pairs) if not instruction.is_legacy else _old_pair(instruction.pairs[0])
        case nodes.Run() | nodes.Cmd() | nodes.Entrypoint() | nodes.Shell():
            yield _command(instruction.command)
        case nodes.Healthcheck():
            yield from _texts(instruction.kind)
            yield _command(instruction.command)
        case nodes.Transfer():
            arguments = (*instruction.sources, *((instruction.destination,) if instruction.destination else ()))
            yield from _words(arguments, is_json=instruction.is_json)
        case nodes.Volume():
            yield from _words(instruction.paths, is_json=instruction.is_json)
        case nodes.Expose():
            yield from _texts(*instruction.ports)
        case nodes.User():
            yield from _texts(instruction.user)
        case nodes.Workdir():
            yield from _texts(instruction.path)
        case nodes.StopSignal():
            yield from _texts(instruction.signal)
        case nodes.Maintainer():
            yield from _texts(instruction.name)
        case nodes.OnBuild():
            yield instruction.trigger_text
        case nodes.Invalid():
            yield instruction.text.strip()[len(instruction.keyword.text) :].strip()


def _texts(*parts: nodes.Word | nodes.Name | None) -> Iterator[str]:
    return (part.text for part in parts if part is not None)


def _pair(pair: nodes.Pair) -> str:
    return pair.name.text if pair.value is None else f"{pair.name.text}={pair.value.text}"


def _old_pair(pair: nodes.Pair) -> Iterator[str]:
    return _texts(pair.name, pair.value)


def _command(command: nodes.Command | None) -> str:
    match command:
        case None:
            return ""
        case nodes.ExecForm():
            return json.dumps(list(command.arguments), ensure_ascii=False)
        case nodes.ShellForm():
            return command.text


def _words(words: tuple[nodes.Word | nodes.Heredoc, ...], *, is_json: bool) -> Iterator[str]:
    if is_json:
        yield json.dumps([word.text for word in words if isinstance(word, nodes.Word)], ensure_ascii=False)
        return
    for word in words:
        yield _mark(word) if isinstance(word, nodes.Heredoc) else word.text


def _mark(heredoc: nodes.Heredoc) -> str:
    descriptor = str(heredoc.file_descriptor) if heredoc.file_descriptor else ""
    dash = "-" if heredoc.does_chomp else ""
    delimiter = heredoc.delimiter if heredoc.does_expand else f"'{heredoc.delimiter}'"
    return f"{descriptor}<<{dash}{delimiter}"
