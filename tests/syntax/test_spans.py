"""What stands at a node's span, read where such a node may stand, is that node.

Each kind of node has a place below: the text before and after it, and the way to it in the tree. Left out are flag
words whose quotes begin before their `=`: what stands at the value's span is then only a part of what was quoted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from hypothesis import given

from dockerlang.syntax import nodes, parse, walk
from dockerlang.syntax.words import pieces_of
from dockerlang.text import Span
from tests.dockerfiles import dockerfiles

Path = tuple[nodes.Node, ...]


@given(dockerfiles())
def test_what_stands_at_a_span_is_the_node(text: str) -> None:
    document = parse(text)
    for path in paths((document,)):
        read = READERS.get(type(path[-1]), by_parent)(document, path)
        if read is not None:
            assert walk.equal(read, path[-1]), f"{path[-1]} reads as {read}"


def paths(path: Path) -> Iterator[Path]:
    for child in walk.children(path[-1]):
        yield (*path, child)
        yield from paths((*path, child))


def instruction(document: nodes.Document, text: str) -> nodes.Instruction:
    return parse(f"# escape={document.escape}\n{text}\n").instructions[0]


def written(document: nodes.Document, node: nodes.Node) -> str:
    return document.source.slice(node.span)


# ---------------------------------------------------------------- kinds of nodes that read alike wherever they stand


def directive(document: nodes.Document, path: Path) -> nodes.Node | None:
    return parse(written(document, path[-1])).items[0]


def item(document: nodes.Document, path: Path) -> nodes.Node | None:
    if not isinstance(path[-2], nodes.Document):
        return inner_comment(document, path)
    return parse("FROM a\n" + written(document, path[-1])).items[1]


def inner_comment(document: nodes.Document, path: Path) -> nodes.Node | None:
    return instruction(document, f"RUN a {document.escape}\n{written(document, path[-1])}\nb").comments[0]


def flag(document: nodes.Document, path: Path) -> nodes.Node | None:
    return instruction(document, f"COPY {written(document, path[-1])}").flags[0]


def mount_option(document: nodes.Document, path: Path) -> nodes.Node | None:
    if is_quoted(document, path[-2]):
        return None
    found = instruction(document, f"RUN --mount={written(document, path[-1])}").flags[0]
    assert isinstance(found, nodes.MountFlag)
    return found.options[0]


def pair(document: nodes.Document, path: Path) -> nodes.Node | None:
    found = instruction(document, f"ENV {written(document, path[-1])}")
    assert isinstance(found, nodes.Env)
    return found.pairs[0]


def declaration(document: nodes.Document, path: Path) -> nodes.Node | None:
    found = instruction(document, f"ARG {written(document, path[-1])}")
    assert isinstance(found, nodes.Arg)
    return found.declarations[0]


def command(document: nodes.Document, path: Path) -> nodes.Node | None:
    found = instruction(document, f"CMD -- {written(document, path[-1])}")
    assert isinstance(found, nodes.Cmd)
    return found.command


def json_string(document: nodes.Document, path: Path) -> nodes.Node | None:
    found = instruction(document, f"VOLUME [{written(document, path[-1])}]")
    assert isinstance(found, nodes.Volume)
    return found.paths[0]


def json_escape(document: nodes.Document, path: Path) -> nodes.Node | None:
    found = instruction(document, f'VOLUME ["{written(document, path[-1])}"]')
    assert isinstance(found, nodes.Volume)
    string = found.paths[0]
    assert isinstance(string, nodes.JsonString)
    return string.escapes[0]


def heredoc(document: nodes.Document, path: Path) -> nodes.Node | None:
    node = path[-1]
    assert isinstance(node, nodes.Heredoc)
    if node.end_span is None:
        return None
    body = document.source.text[node.body_span.start : node.end_span.end]
    return instruction(document, f"COPY {written(document, node)} /x\n{body}").heredocs[0]


# ---------------------------------------------------------------- words and names


def word(document: nodes.Document, path: Path) -> nodes.Node | None:
    *_, parent, node = path
    text = written(document, node)
    match parent:
        case nodes.Flag(name=name):
            if written(document, parent).count('"') % 2 or not name.isidentifier() or is_quoted_early(document, parent):
                return None
            return instruction(document, f"COPY --{name}={text}").flags[0].value
        case nodes.MountOption(key=key):
            if is_quoted(document, path[-3]):
                return None
            found = instruction(document, f"RUN --mount={key}={text}").flags[0]
            assert isinstance(found, nodes.MountFlag)
            return found.options[0].value
        case nodes.Pair():
            separator = " " if is_legacy(path[-3]) else "="
            before, after = ("a" + separator, "") if node is parent.value else ("", separator + "b")
            found_pair = pair_in(instruction(document, f"ENV {before}{text}{after}"))
            return found_pair.value if node is parent.value else found_pair.name
        case nodes.Declaration():
            found_arg = instruction(document, f"ARG a={text}")
            assert isinstance(found_arg, nodes.Arg)
            return found_arg.declarations[0].value
        case nodes.User() | nodes.Workdir() | nodes.StopSignal():
            found_user = instruction(document, f"USER -- {text}")
            assert isinstance(found_user, nodes.User)
            return found_user.user
        case _:
            found_volume = instruction(document, f"VOLUME -- a {text}")
            assert isinstance(found_volume, nodes.Volume)
            return found_volume.paths[1]


def image_name(document: nodes.Document, path: Path) -> nodes.Node | None:
    if not isinstance(path[-2], nodes.From):
        return word(document, path)
    found = instruction(document, f"FROM -- {written(document, path[-1])}")
    assert isinstance(found, nodes.From)
    return found.image


def port(document: nodes.Document, path: Path) -> nodes.Node | None:
    found = instruction(document, f"EXPOSE -- {written(document, path[-1])}")
    assert isinstance(found, nodes.Expose)
    return found.ports[0]


def name(document: nodes.Document, path: Path) -> nodes.Node | None:
    *_, parent, node = path
    text = written(document, node)
    match parent:
        case nodes.Directive():
            return parse(f"# {parent.name}={text}").directives[0].value
        case nodes.Maintainer() if node is parent.name:
            found = instruction(document, f"MAINTAINER -- {text}")
            assert isinstance(found, nodes.Maintainer)
            return found.name
        case nodes.Declaration():
            found_arg = instruction(document, f"ARG {text}")
            assert isinstance(found_arg, nodes.Arg)
            return found_arg.declarations[0].name
        case _:
            found_from = instruction(document, f"FROM a AS {text}")
            assert isinstance(found_from, nodes.From)
            return found_from.stage


# ---------------------------------------------------------------- pieces of words


def by_parent(document: nodes.Document, path: Path) -> nodes.Node | None:
    """Instructions have a law of their own; what is left are the pieces of words and of heredocs."""
    node = path[-1]
    if isinstance(node, nodes.Instruction) or not isinstance(node, PIECES):
        return None
    owner = next(step for step in reversed(path) if isinstance(step, nodes.Word | nodes.Heredoc))
    if any(isinstance(step, nodes.Malformed) for step in path) or any(is_quoted(document, step) for step in path):
        return None
    text = as_joined(document, written(document, node))
    escape = document.escape
    if isinstance(owner, nodes.JsonString):
        text = json.loads(f'"{text}"')
    elif isinstance(owner, nodes.Heredoc):
        text, escape = written(document, node), "\\"
    before, after, pieces = surroundings(path)
    start = "body" if isinstance(owner, nodes.Heredoc) else "word"
    found = pieces(pieces_of(before + text + after, Span, escape, start=start))
    return found[0] if found else None


def surroundings(path: Path) -> tuple[str, str, Callable[[tuple[nodes.Piece, ...]], tuple[nodes.Piece, ...]]]:
    """What makes a place of the same kind for a piece, and the way to what then stands there."""
    *_, parent, node = path
    match parent:
        case nodes.DoubleQuoted():
            return '"', '"', lambda found: found[0].parts if isinstance(found[0], nodes.DoubleQuoted) else ()
        case nodes.Variable(modifier="/" | "//") if node in parent.operand:
            return "${a/", "/}", lambda found: found[0].operand if isinstance(found[0], nodes.Variable) else ()
        case nodes.Variable(modifier=modifier):
            before = "${a#" if modifier[:1] in "#%/" else "${a:-"
            return before, "}", lambda found: found[0].operand if isinstance(found[0], nodes.Variable) else ()
        case _:
            return "", "", lambda found: found


def as_joined(document: nodes.Document, text: str) -> str:
    """The text without what a continuation leaves out of it."""
    found = instruction(document, f"MAINTAINER .{text}.")
    assert isinstance(found, nodes.Maintainer)
    assert found.name is not None
    return found.name.text[1:-1]


def is_quoted(document: nodes.Document, node: nodes.Node) -> bool:
    return isinstance(node, nodes.Flag) and not {'"', "'", document.escape}.isdisjoint(written(document, node))


def is_quoted_early(document: nodes.Document, flag: nodes.Flag) -> bool:
    before = written(document, flag).partition("=")[0]
    return not {'"', "'", document.escape}.isdisjoint(before)


def is_legacy(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Env | nodes.Label) and node.is_legacy


def pair_in(found: nodes.Instruction) -> nodes.Pair:
    assert isinstance(found, nodes.Env)
    return found.pairs[0]


PIECES = (nodes.Literal, nodes.Escaped, nodes.SingleQuoted, nodes.DoubleQuoted, nodes.Variable)

READERS: dict[type[nodes.Node], Callable[[nodes.Document, Path], nodes.Node | None]] = {
    nodes.Directive: directive,
    nodes.Blank: item,
    nodes.Comment: item,
    nodes.Flag: flag,
    nodes.SwitchFlag: flag,
    nodes.DurationFlag: flag,
    nodes.NumberFlag: flag,
    nodes.ModeFlag: flag,
    nodes.MountFlag: flag,
    nodes.MountOption: mount_option,
    nodes.Pair: pair,
    nodes.Declaration: declaration,
    nodes.ShellForm: command,
    nodes.ExecForm: command,
    nodes.JsonString: json_string,
    nodes.JsonEscape: json_escape,
    nodes.Heredoc: heredoc,
    nodes.Word: word,
    nodes.ImageName: image_name,
    nodes.Port: port,
    nodes.Name: name,
}


def test_an_image_s_name_that_cannot_be_taken_apart_is_malformed() -> None:
    found = parse("FROM 'q r' z\n").instructions[0]
    assert isinstance(found, nodes.From)
    assert found.image is not None
    assert [type(piece) for piece in found.image.pieces] == [nodes.Malformed]
