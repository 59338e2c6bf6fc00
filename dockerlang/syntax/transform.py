"""From a joined line to its typed instruction: one function per shape of instruction, over the grammar's tree."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from sys import intern
from typing import Any

from dockerlang.records import record
from dockerlang.syntax import nodes
from dockerlang.syntax.flags import flag_of
from dockerlang.syntax.grammar import GrammarError, parse_line
from dockerlang.syntax.lines import Locate, LogicalLine, Unquoted
from dockerlang.syntax.scanner import BLANKS
from dockerlang.syntax.tokens import Token, Tree
from dockerlang.syntax.words import image_name_of, pieces_of, word_of
from dockerlang.text import Span

HEREDOC_KEYWORDS = frozenset({"RUN", "COPY", "ADD"})

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
# A trigger of a trigger is a mistake; where there are many, the tree ends, so that its depth stays bounded.
_NESTED_TRIGGERS = re.compile(rf"(?:onbuild[{BLANKS}]+){{8}}", re.IGNORECASE)


@record
class Shape:
    """What a builder gets: the line, the tokens after keyword and flags, the escape character, and the heredocs."""

    line: LogicalLine
    tokens: tuple[Token, ...]
    escape: str
    heredocs: tuple[nodes.Heredoc, ...]

    def span(self, token: Token) -> Span:
        return self.line.span(token.start, token.end)

    def name(self, token: Token) -> nodes.Name:
        return nodes.Name(self.span(token), token.text)

    def word(self, token: Token) -> nodes.Word:
        return word_of(self.line, token.start, token.end, self.escape)


@record
class Surroundings:
    """What an instruction is besides its joined line: where it stands, and what was found between its lines.

    `original` is the joined line as it was before its end was trimmed.
    """

    span: Span
    original: str
    heredocs: tuple[nodes.Heredoc, ...] = ()
    comments: tuple[nodes.Comment, ...] = ()
    blank_lines: tuple[Span, ...] = ()


def instruction_of(line: LogicalLine, escape: str, around: Surroundings) -> nodes.Instruction:
    """The instruction that a joined line spells; `Invalid` where its keyword is unknown."""
    tree = _tree_of(line, escape)
    keyword, *rest = (child for child in tree.children if isinstance(child, Token))
    kind, build = _KINDS.get(keyword.text.upper(), (nodes.Invalid, _nothing))
    flags = tuple(flag_of(line, token, escape) for token in rest if token.type == "FLAG")
    tokens = tuple(token for token in rest if token.type != "FLAG")
    return kind(
        span=around.span,
        keyword=nodes.Name(line.span(keyword.start, keyword.end), intern(keyword.text)),
        statement=line.span(0, len(line.text)),
        text=around.original,
        flags=flags,
        heredocs=around.heredocs,
        comments=around.comments,
        blank_lines=around.blank_lines,
        **build(Shape(line, tokens, escape, around.heredocs)),
    )


def can_open_heredocs(line: LogicalLine, escape: str) -> bool:
    """Whether `<<` on this line may begin a heredoc: in RUN, COPY and ADD, also below ONBUILD, but not in JSON form."""
    if "<<" not in line.text:
        return False
    tree = _tree_of(line, escape)
    keyword = _keyword_of(line)
    if keyword == "ONBUILD":
        trigger = next((child for child in tree.children if isinstance(child, Token) and child.type == "TEXT"), None)
        return (
            trigger is not None
            and _keyword_of(line.slice(trigger.start)) in HEREDOC_KEYWORDS
            and can_open_heredocs(line.slice(trigger.start), escape)
        )
    is_json = any(isinstance(child, Token) and child.type == "ARRAY" for child in tree.children)
    return keyword in HEREDOC_KEYWORDS and not is_json


def _keyword_of(line: LogicalLine) -> str:
    words = re.split(f"[{BLANKS}]", line.text, maxsplit=1)
    return words[0].upper()


def _tree_of(line: LogicalLine, escape: str) -> Tree:
    if not line.text:  # a lone escape character at the end of the file: an instruction without a name
        return Tree("unknown", (Token("KEYWORD", "", 0, 0),))
    keyword = _keyword_of(line)
    start = keyword.lower() if keyword in nodes.INSTRUCTIONS else "unknown"
    try:
        return parse_line(start, line.text, escape)
    except GrammarError:
        # Blanks that the grammar does not know as separators can leave something over; the line is then plain text.
        return parse_line("unknown", line.text, escape)


# ---------------------------------------------------------------- builders: the fields of one kind of instruction

Fields = dict[str, Any]


def _nothing(_shape: Shape) -> Fields:
    return {}


def _from(shape: Shape) -> Fields:
    words = list(shape.tokens)
    fields: Fields = {"image": _image(shape, words.pop(0))} if words else {}
    if words and words[0].type == "AS":
        fields["as_keyword"] = shape.name(words.pop(0))
        if words:
            fields["stage"] = shape.name(words.pop(0))
    fields["extra"] = tuple(shape.word(word) for word in words)
    return fields


def _image(shape: Shape, token: Token) -> nodes.ImageName:
    locate = shape.line.slice(token.start, token.end).span
    return image_name_of(shape.span(token), token.text, locate, shape.escape)


def _arg(shape: Shape) -> Fields:
    declarations = []
    for token in shape.tokens:
        name, has_value, _ = token.text.partition("=")
        at = token.start + len(name)
        value = word_of(shape.line, at + 1, token.end, shape.escape) if has_value else None
        declarations.append(
            nodes.Declaration(shape.span(token), nodes.Name(shape.line.span(token.start, at), name), value)
        )
    return {"declarations": tuple(declarations)}


def _pairs(shape: Shape) -> Fields:
    if shape.tokens and shape.tokens[0].type == "OLD_NAME":
        name = shape.word(shape.tokens[0])
        value = shape.word(shape.tokens[1]) if len(shape.tokens) > 1 else None
        end = value.span.end if value is not None else name.span.end
        return {"pairs": (nodes.Pair(Span(name.span.start, end), name, value),), "is_legacy": True}
    pairs = []
    for token in shape.tokens:
        name_text, has_value, _ = token.text.partition("=")
        at = token.start + len(name_text)
        value = word_of(shape.line, at + 1, token.end, shape.escape) if has_value else None
        pairs.append(nodes.Pair(shape.span(token), word_of(shape.line, token.start, at, shape.escape), value))
    return {"pairs": tuple(pairs)}


def _command(shape: Shape) -> Fields:
    return {"command": _command_of(shape, shape.tokens[0]) if shape.tokens else None}


def _command_of(shape: Shape, token: Token) -> nodes.Command:
    if token.type == "ARRAY":
        return nodes.ExecForm(shape.span(token), _elements(shape, token))
    return nodes.ShellForm(shape.span(token), token.text, shape.line.offsets.shift(token.start))


def _transfer(shape: Shape) -> Fields:
    if shape.tokens and shape.tokens[0].type == "ARRAY":
        arguments: list[nodes.Word | nodes.Heredoc] = list(_elements(shape, shape.tokens[0]))
        is_json = True
    else:
        by_span = {heredoc.span: heredoc for heredoc in shape.heredocs}
        arguments = [by_span.get(shape.span(token)) or shape.word(token) for token in shape.tokens]
        is_json = False
    destination = arguments.pop() if len(arguments) > 1 else None
    return {"sources": tuple(arguments), "destination": destination, "is_json": is_json}


def _expose(shape: Shape) -> Fields:
    return {"ports": tuple(_port(shape, token) for token in shape.tokens)}


def _port(shape: Shape, token: Token) -> nodes.Port:
    word = shape.word(token)
    try:
        parts = parse_line("port", token.text, shape.escape).children
    except GrammarError:
        return nodes.Port(word.span, word.text, word.special_pieces)
    texts = {part.type: part.text for part in parts if isinstance(part, Token)}
    first = int(texts["PORT"])
    last = int(texts.get("LAST_PORT", first))
    return nodes.Port(word.span, word.text, word.special_pieces, first, last, texts.get("PROTOCOL", "").lower())


def _volume(shape: Shape) -> Fields:
    if shape.tokens and shape.tokens[0].type == "ARRAY":
        return {"paths": _elements(shape, shape.tokens[0]), "is_json": True}
    return {"paths": tuple(shape.word(token) for token in shape.tokens)}


def _one_word(field: str) -> Callable[[Shape], Fields]:
    def build(shape: Shape) -> Fields:
        return {field: shape.word(shape.tokens[0]) if shape.tokens else None}

    return build


def _maintainer(shape: Shape) -> Fields:
    return {"name": shape.name(shape.tokens[0]) if shape.tokens else None}


def _healthcheck(shape: Shape) -> Fields:
    if not shape.tokens:
        return {}
    command = _command_of(shape, shape.tokens[1]) if len(shape.tokens) > 1 else None
    return {"kind": shape.name(shape.tokens[0]), "command": command}


def _onbuild(shape: Shape) -> Fields:
    if not shape.tokens:
        return {}
    token = shape.tokens[0]
    line = shape.line.slice(token.start)
    if _NESTED_TRIGGERS.match(line.text):
        return {"trigger_text": token.text}
    trigger = instruction_of(line, shape.escape, Surroundings(shape.span(token), line.text, shape.heredocs))
    return {"trigger_text": token.text, "trigger": trigger}


def _elements(shape: Shape, array: Token) -> tuple[nodes.JsonString, ...]:
    tree = parse_line("array", array.text, shape.escape)
    elements = []
    for child in tree.children:
        assert isinstance(child, Token)
        start, end = array.start + child.start, array.start + child.end
        inner = shape.line.slice(start + 1, end - 1)
        span, text = shape.line.span(start, end), inner.text
        locate: Locate = inner.span
        escapes: tuple[nodes.JsonEscape, ...] = ()
        if "\\" in text:
            unquoted, escapes = _json_text(text, inner.span, shape.escape)
            text, locate = unquoted.text, unquoted.inside(inner.span)
        elements.append(nodes.JsonString(span, text, pieces_of(text, locate, shape.escape), escapes))
    return tuple(elements)


def _json_text(text: str, locate: Locate, escape: str) -> tuple[Unquoted, tuple[nodes.JsonEscape, ...]]:
    """What stands between the quotes of a JSON string that has escapes, and those escapes."""
    escapes: list[nodes.JsonEscape] = []
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for token in parse_line("json_text", text, escape).children:
        assert isinstance(token, Token)
        if token.type == "JSON_ESCAPE":
            # Half of a surrogate pair is no character.
            value = _LONE_SURROGATE.sub("\ufffd", json.loads(f'"{token.text}"'))
            escapes.append(nodes.JsonEscape(locate(token.start, token.end), value))
            characters.append(value)
            starts.append(token.start)
            ends.append(token.end)
        else:
            characters.append(token.text)
            starts.extend(range(token.start, token.end))
            ends.extend(range(token.start + 1, token.end + 1))
    return Unquoted("".join(characters), tuple(starts), tuple(ends)), tuple(escapes)


_KINDS: dict[str, tuple[type[nodes.Instruction], Callable[[Shape], Fields]]] = {
    "FROM": (nodes.From, _from),
    "ARG": (nodes.Arg, _arg),
    "ENV": (nodes.Env, _pairs),
    "LABEL": (nodes.Label, _pairs),
    "RUN": (nodes.Run, _command),
    "CMD": (nodes.Cmd, _command),
    "ENTRYPOINT": (nodes.Entrypoint, _command),
    "SHELL": (nodes.Shell, _command),
    "COPY": (nodes.Copy, _transfer),
    "ADD": (nodes.Add, _transfer),
    "VOLUME": (nodes.Volume, _volume),
    "EXPOSE": (nodes.Expose, _expose),
    "USER": (nodes.User, _one_word("user")),
    "WORKDIR": (nodes.Workdir, _one_word("path")),
    "STOPSIGNAL": (nodes.StopSignal, _one_word("signal")),
    "MAINTAINER": (nodes.Maintainer, _maintainer),
    "HEALTHCHECK": (nodes.Healthcheck, _healthcheck),
    "ONBUILD": (nodes.OnBuild, _onbuild),
}
