"""Shows a tree: as indented text for people and tests, or as JSON values for programs.

The text has a line for each node: the field it is in, its kind (left out for names and words, of which there are most),
its own values, and its span as `line:column-line:column`, counted from 1 in code points, the end exclusive. Children
stand below, two columns further in. Holes, false claims and empty values are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import Field, fields
from enum import Enum
from typing import NamedTuple

from dockerlang.syntax import nodes, walk
from dockerlang.text import LineIndex, Span

_SINGULAR = {
    "escapes": "escape",
    "comments": "comment",
    "declarations": "declaration",
    "elements": "element",
    "flags": "flag",
    "heredocs": "heredoc",
    "options": "option",
    "pairs": "pair",
    "paths": "path",
    "ports": "port",
    "sources": "source",
}
_UNNAMED = frozenset({"items", "pieces", "special_pieces", "parts"})
# What follows from other fields, or is shown in another way.
_NOT_IN_TEXT = frozenset({"span", "statement", "offsets", "source", "blank_lines", "hash_offset", "trigger_text"})


class Places(Enum):
    """Whether the text form says where each node stands."""

    SHOWN = "shown"
    HIDDEN = "hidden"


class PartKind(Enum):
    """What a part of a line is."""

    BLANK = "blank"
    FIELD = "field"
    KIND = "kind"
    TEXT = "text"
    NAME = "name"
    PLACE = "place"


class Part(NamedTuple):
    """A stretch of a line. FIELD is where in its parent a node is, KIND what it is, NAME a value's name or a claim."""

    kind: PartKind
    text: str


def text_of(document: nodes.Document, places: Places = Places.SHOWN) -> str:
    """The tree as indented text, with a final newline; blank lines of the file are left out."""
    return "".join(f"{''.join(part.text for part in line)}\n" for line in lines_of(document, places))


def lines_of(document: nodes.Document, places: Places = Places.SHOWN) -> list[tuple[Part, ...]]:
    """The lines of `text_of` in parts that say what they are, for those who give each a look of its own."""
    printer = _TextPrinter(document.source.lines, places)
    for item in document.items:
        if not isinstance(item, nodes.Blank):
            printer.add(item, "", 0)
    return printer.lines


def json_of(document: nodes.Document) -> dict[str, object]:
    """The tree as values that `json.dumps` takes.

    Each node is an object with its `kind`, its `span` and its fields; a span has `start` and `end`, each with `offset`
    (from 0), `line` and `column` (from 1), all in code points.
    """
    return {"source": document.source.name, **_object(document, document.source.lines)}


class _TextPrinter:
    def __init__(self, index: LineIndex, places: Places) -> None:
        self.index = index
        self.places = places
        self.lines: list[tuple[Part, ...]] = []
        self._shown_heredocs: set[nodes.Heredoc] = set()

    def add(self, node: nodes.Node, field: str, depth: int) -> None:
        if isinstance(node, nodes.Heredoc):
            if node in self._shown_heredocs:  # as a source of COPY it is in two fields
                return
            self._shown_heredocs.add(node)
        words = [[Part(PartKind.FIELD, field)]] if field else []
        words.extend(_summary(node, field))
        if self.places is Places.SHOWN:
            words.append([Part(PartKind.PLACE, _range(node.span, self.index))])
        line = [Part(PartKind.BLANK, "  " * depth)] if depth else []
        for number, word in enumerate(words):
            line.extend([Part(PartKind.BLANK, " "), *word] if number else word)
        self.lines.append(tuple(line))
        is_plain = isinstance(node, nodes.Word) and node.is_plain
        for name, child in _children(node):
            if not (is_plain and isinstance(child, nodes.Literal)):  # the word says it already
                self.add(child, name, depth + 1)


def _summary(node: nodes.Node, field_name: str) -> list[list[Part]]:
    """A node's kind, where its field does not say it already, and own values; names and words are their text."""
    if isinstance(node, nodes.Name | nodes.Word):
        return [[_quoted(node.text)], *_parts_of_name(node)]
    kind = type(node).__name__
    words = [] if kind.lower() == field_name else [[Part(PartKind.KIND, kind)]]
    for field in _text_fields(node):
        value = getattr(node, field.name)
        if value is True:
            words.append([Part(PartKind.NAME, field.name)])
        elif isinstance(value, str) and value and not _is_joined_line(node, field):
            words.append(_valued(field.name, _quoted(value)))
        elif type(value) is int and value:
            words.append(_valued(field.name, Part(PartKind.TEXT, str(value))))
    return words


def _valued(name: str, value: Part) -> list[Part]:
    return [Part(PartKind.NAME, f"{name}="), value]


def _quoted(text: str) -> Part:
    return Part(PartKind.TEXT, json.dumps(text, ensure_ascii=False))


def _parts_of_name(node: nodes.Name | nodes.Word) -> list[list[Part]]:
    """Tag and digest of an image's name; without either the name says all."""
    if not isinstance(node, nodes.ImageName):
        return []
    parts = (("repository", node.repository), ("tag", node.tag), ("digest", node.digest))
    shown = [_valued(name, _quoted(text)) for name, text in parts if text]
    return shown if len(shown) > 1 else []


def _is_joined_line(node: nodes.Node, field: Field[object]) -> bool:
    return isinstance(node, nodes.Instruction) and not isinstance(node, nodes.Invalid) and field.name == "text"


def _children(node: nodes.Node) -> Iterator[tuple[str, nodes.Node]]:
    for field in _text_fields(node):
        value = getattr(node, field.name)
        name = "" if field.name in _UNNAMED else _SINGULAR.get(field.name, field.name)
        if isinstance(value, nodes.Node):
            yield name, value
        elif isinstance(value, tuple):
            yield from ((name, child) for child in value if isinstance(child, nodes.Node))


def _text_fields(node: nodes.Node) -> list[Field[object]]:
    shown = [field for field in fields(node) if field.name not in _NOT_IN_TEXT]
    # Comments and heredocs belong to all instructions; they read better behind what is special to one.
    return sorted(shown, key=lambda field: field.name in ("heredocs", "comments"))


def _range(span: Span, index: LineIndex) -> str:
    start, end = index.position(span.start), index.position(span.end)
    return f"{start.line + 1}:{start.column + 1}-{end.line + 1}:{end.column + 1}"


def _object(node: nodes.Node, index: LineIndex) -> dict[str, object]:
    values = {
        name: _value(getattr(node, name), index)
        for name in (walk.PROPERTIES.get(field.name, field.name) for field in fields(node))
        if name not in ("source", "offsets")
    }
    return {"kind": type(node).__name__, **values}


def _value(value: object, index: LineIndex) -> object:
    match value:
        case nodes.Node():
            return _object(value, index)
        case tuple():
            return [_value(item, index) for item in value]
        case Span():
            return {"start": _place(value.start, index), "end": _place(value.end, index)}
        case _:
            assert value is None or isinstance(value, str | int | bool), f"{type(value)} has no JSON form"
            return value


def _place(offset: int, index: LineIndex) -> dict[str, int]:
    position = index.position(offset)
    return {"offset": offset, "line": position.line + 1, "column": position.column + 1}
