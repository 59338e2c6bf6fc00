"""Prints the tree of a Dockerfile: in colours on a terminal, as the bytes of its text elsewhere."""

from __future__ import annotations

from typing import TextIO

from dockerlang.cli.output.printable import printable
from dockerlang.cli.output.snippet import Line, Piece, Style
from dockerlang.cli.output.text import print_lines, shows_colours
from dockerlang.syntax import nodes
from dockerlang.syntax.dump import PartKind, lines_of, text_of
from dockerlang.text import encode

_STYLES = {
    PartKind.BLANK: Style.PLAIN,
    PartKind.FIELD: Style.INFO,
    PartKind.KIND: Style.MESSAGE,
    PartKind.TEXT: Style.HELP,
    PartKind.NAME: Style.PLAIN,
    PartKind.PLACE: Style.FRAME,
}


def print_tree(document: nodes.Document, stream: TextIO) -> None:
    """Print the tree. Where no terminal with colours reads it, bytes that are not UTF-8 come out as they went in."""
    if shows_colours(stream):
        print_lines(tree_lines(document), stream)
        return
    stream.flush()
    stream.buffer.write(encode(text_of(document)))
    stream.buffer.flush()


def tree_lines(document: nodes.Document) -> list[Line]:
    """The lines of the tree, each part in the style of what it is."""
    return [tuple(Piece(printable(part.text), _STYLES[part.kind]) for part in line) for line in lines_of(document)]
