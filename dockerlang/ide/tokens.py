"""What each part of the text is, for an editor that colours by meaning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum

from dockerlang.ide.shell_variables import shell_variables
from dockerlang.records import record
from dockerlang.syntax import nodes
from dockerlang.syntax.walk import walk
from dockerlang.text import Encoding, LineIndex, Source, Span


class TokenKind(Enum):
    """What a token is; the values are the protocol's names, in whose order a client is told of them."""

    KEYWORD = "keyword"
    COMMENT = "comment"
    STRING = "string"
    VARIABLE = "variable"
    NAMESPACE = "namespace"
    PARAMETER = "parameter"
    PROPERTY = "property"
    MACRO = "macro"
    LABEL = "label"


@record
class Token:
    """A part of one line."""

    span: Span
    kind: TokenKind


def tokens(document: nodes.Document, within: Span | None = None) -> tuple[Token, ...]:
    """The tokens of the items that overlap `within` (of all, where it is None): in order, none over another."""
    found: list[Token] = []
    for item in document.items:
        if within is not None and not item.span.overlaps(within):
            continue
        found.extend(tokens_of(document.source, item))
    return tuple(found)


def tokens_of(source: Source, item: nodes.Item) -> tuple[Token, ...]:
    """The tokens of one item of the document with that source."""
    own = sorted(_tokens(source, item), key=lambda token: (token.span.start, -token.span.end))
    return tuple(_flat(source, own))


def _tokens(source: Source, item: nodes.Item) -> Iterator[Token]:
    match item:
        case nodes.Comment():
            yield _comment(source, item)
        case nodes.Directive():
            yield Token(item.name_span, TokenKind.MACRO)
            yield Token(item.value.span, TokenKind.STRING)
        case nodes.Instruction():
            for node in walk(item):
                yield from _node(source, node)
            for variable in shell_variables(item):
                yield Token(variable.span, TokenKind.VARIABLE)


def _node(source: Source, node: nodes.Node) -> Iterator[Token]:
    match node:
        case nodes.Comment():
            yield _comment(source, node)
        case nodes.Flag():
            yield Token(node.name_span, TokenKind.PARAMETER)
        case nodes.MountOption():
            yield Token(node.key_span, TokenKind.PROPERTY)
        case nodes.Variable():
            yield Token(node.name_span, TokenKind.VARIABLE)
        case nodes.JsonString() | nodes.SingleQuoted() | nodes.DoubleQuoted():
            yield Token(node.span, TokenKind.STRING)
        case nodes.Heredoc():
            yield Token(node.span, TokenKind.LABEL)
            if node.end_span is not None:
                yield Token(node.end_span, TokenKind.LABEL)
        case nodes.Pair():
            yield Token(node.name.span, TokenKind.PROPERTY if node.value is None else TokenKind.VARIABLE)
        case nodes.Declaration():
            yield Token(node.name.span, TokenKind.VARIABLE)
        case nodes.Invalid():
            pass
        case nodes.Instruction():
            yield Token(node.keyword.span, TokenKind.KEYWORD)
            if isinstance(node, nodes.From):
                if node.as_keyword is not None:
                    yield Token(node.as_keyword.span, TokenKind.KEYWORD)
                if node.stage is not None:
                    yield Token(node.stage.span, TokenKind.NAMESPACE)
            if isinstance(node, nodes.Healthcheck) and node.kind is not None:
                yield Token(node.kind.span, TokenKind.KEYWORD)


def _comment(source: Source, comment: nodes.Comment) -> Token:
    line = source.lines.span_of(source.lines.line_of(comment.hash_offset))
    return Token(Span(comment.hash_offset, line.end), TokenKind.COMMENT)


def _flat(source: Source, ordered: list[Token]) -> Iterator[Token]:
    """The tokens cut at line ends and around those that lie inside them: a variable in a string is a variable."""
    painted: list[tuple[Span, TokenKind]] = []
    for token in ordered:
        if painted and painted[-1][0].end > token.span.start:
            outer, kind = painted.pop()
            painted.append((Span(outer.start, token.span.start), kind))
            painted.append((token.span, token.kind))
            if outer.end > token.span.end:
                painted.append((Span(token.span.end, outer.end), kind))
        else:
            painted.append((token.span, token.kind))
    for span, kind in painted:
        start = span.start
        while start < span.end:
            line = source.lines.span_of(source.lines.line_of(start))
            end = min(span.end, line.end)
            if end > start:
                yield Token(Span(start, end), kind)
            start = source.lines.start_of(source.lines.line_of(start) + 1)


def packed(found: Iterable[Token], lines: LineIndex, encoding: Encoding) -> list[int]:
    """Tokens as editors take them: five numbers each (line and column counted from the token before, length, kind, 0).

    Columns and lengths are in the units of `encoding`; kinds are numbered in the order of `TokenKind`.
    """
    kinds = {kind: number for number, kind in enumerate(TokenKind)}
    data: list[int] = []
    line = column = 0
    for token in found:
        start, end = lines.position(token.span.start, encoding), lines.position(token.span.end, encoding)
        column = column if start.line == line else 0
        data += (start.line - line, start.column - column, end.column - start.column, kinds[token.kind], 0)
        line, column = start.line, start.column
    return data
