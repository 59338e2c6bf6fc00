"""Takes words apart: from the text of a word (or a heredoc's body) to its pieces with their spans."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.records import replace
from dockerlang.syntax import nodes
from dockerlang.syntax.lines import Locate, LogicalLine, Unquoted
from dockerlang.syntax.tokens import Token, Tree
from dockerlang.text import Span

_IMAGE_SEPARATORS = frozenset("/:@")
_SPECIAL = frozenset("$'\"")
_TEXT_OPERANDS = frozenset({"operand", "body_operand"})


def word_of(line: LogicalLine, start: int, end: int, escape: str) -> nodes.Word:
    """The word at `[start, end)` of a joined line."""
    text = line.text[start:end]
    span = line.span(start, end)
    if is_plain(text, escape):
        return nodes.Word(span, text)
    return nodes.Word(span, text, pieces_of(text, line.slice(start, end).span, escape))


def image_name_of(span: Span, text: str, locate: Locate, escape: str) -> nodes.ImageName:
    """The name of an image, cut at the separators that are written as they are: not those in a variable."""
    name, separators = text, [(at, character) for at, character in enumerate(text) if character in _IMAGE_SEPARATORS]
    locate_name = locate
    is_special = not is_plain(text, escape)
    if is_special:
        unquoted, separators = _name_in(text, escape)
        name, locate_name = unquoted.text, unquoted.inside(locate)
    end = len(name)
    digest_at = next((at for at, character in separators if character == "@"), end)
    before = [(at, character) for at, character in separators if at < digest_at]
    slash_at = max((at for at, character in before if character == "/"), default=-1)
    tag_at = next((at for at, character in before if character == ":" and at > slash_at), digest_at)
    return nodes.ImageName(
        span=span,
        text=text,
        special_pieces=pieces_of(text, locate, escape) if is_special or locate(0, len(text)) != span else (),
        repository=name[:tag_at],
        repository_span=locate_name(0, tag_at),
        tag=name[tag_at + 1 : digest_at],
        tag_span=locate_name(tag_at + 1, digest_at) if tag_at < digest_at else None,
        digest=name[digest_at + 1 :],
        digest_span=locate_name(digest_at + 1, end) if digest_at < end else None,
    )


def _name_in(text: str, escape: str) -> tuple[Unquoted, list[tuple[int, str]]]:
    """A word without its quotes and escapes, its variables as written; and where which separator stands in that.

    A word that cannot be taken apart stays whole.
    """
    from dockerlang.syntax.grammar import GrammarError, parse_word

    try:
        tree = parse_word("word", text, escape)
    except GrammarError:
        return Unquoted(text, tuple(range(len(text))), tuple(range(1, len(text) + 1))), []
    kept: list[int] = []
    separators: list[tuple[int, str]] = []
    for start, end, is_variable in _readable(tree):
        for at in range(start, end):
            if not is_variable and text[at] in _IMAGE_SEPARATORS:
                separators.append((len(kept), text[at]))
            kept.append(at)
    return Unquoted("".join(text[at] for at in kept), tuple(kept), tuple(at + 1 for at in kept)), separators


def _readable(tree: Tree) -> Iterator[tuple[int, int, bool]]:
    """The ranges of a word that are neither quotes nor escape characters, each with whether it is a variable."""
    for child in tree.children:
        if isinstance(child, Tree):
            if child.data == "double_quoted":
                yield from _readable(child)
            else:
                span = _tree_span(child, Span)
                yield span.start, span.end, True
        elif child.type == "SINGLE_QUOTED":
            yield child.start + 1, child.end - 1, False
        elif child.type in ("ESCAPED", "QUOTED_ESCAPED"):
            yield child.start + 1, child.end, False
        elif child.type != "QUOTE":
            yield child.start, child.end, False


def is_plain(text: str, escape: str) -> bool:
    """Whether nothing in a word's text is special: it stands for itself."""
    return escape not in text and _SPECIAL.isdisjoint(text)


def pieces_of(text: str, locate: Locate, escape: str, *, start: str = "word") -> tuple[nodes.Piece, ...]:
    """The pieces of a word; `start="body"` reads a heredoc's body, in which quotes are ordinary.

    `locate` turns a range of `text` into a span of the source. What cannot be taken apart is one `Malformed` piece.
    """
    if not text:
        return ()
    special = _SPECIAL if start == "word" else frozenset("$")
    if escape not in text and special.isdisjoint(text):
        return (nodes.Literal(locate(0, len(text)), text),)
    from dockerlang.syntax.grammar import GrammarError, NestingError, parse_word

    try:
        tree = parse_word(start, text, escape)
    except NestingError:
        return (nodes.Malformed(locate(0, len(text)), text, "variables are nested too deeply"),)
    except GrammarError as error:
        message = _explain(text, error.offset, error.expected)
        return (nodes.Malformed(locate(0, len(text)), text, message, _parts(text, locate, escape, start)),)
    return tuple(_piece(child, locate, escape) for child in tree.children)


def _parts(text: str, locate: Locate, escape: str, start: str) -> tuple[nodes.Piece, ...]:
    """What can be read of a word that no rule fits."""
    from dockerlang.syntax.grammar import NestingError, complete_word

    try:
        tree, end = complete_word(start, text, escape)
    except NestingError:
        return ()
    parts = [_piece(child, locate, escape) for child in tree.children]
    if end < len(text):
        parts.append(nodes.Literal(locate(end, len(text)), text[end:]))
    return tuple(parts)


def _piece(child: Token | Tree, locate: Locate, escape: str) -> nodes.Piece:
    if isinstance(child, Tree):
        span = _tree_span(child, locate)
        if child.data == "double_quoted":
            return nodes.DoubleQuoted(span, tuple(_piece(part, locate, escape) for part in child.children[1:-1]))
        return _variable(child, span, locate, escape)
    span = locate(child.start, child.end)
    match child.type:
        case "SINGLE_QUOTED":
            return nodes.SingleQuoted(span, child.text[1:-1])
        case "ESCAPED" | "QUOTED_ESCAPED":
            return nodes.Escaped(span, child.text[1:])
        case "PATTERN_ESCAPED":
            # In a pattern the escape character is part of what the pattern says.
            return nodes.Literal(span, child.text)
        case _:
            return nodes.Literal(span, child.text)


def _variable(tree: Tree, span: Span, locate: Locate, escape: str) -> nodes.Variable:
    first = tree.children[0]
    assert isinstance(first, Token)
    if first.type == "SHORT_VARIABLE":
        return nodes.Variable(span, first.text[1:], locate(first.start + 1, first.end))
    name, modifier = tree.children[1:3]
    assert isinstance(name, Token)
    assert isinstance(modifier, Token)
    operands = [_operand(part, locate, escape) for part in tree.children[3:] if isinstance(part, Tree)]
    return nodes.Variable(
        span=span,
        name=name.text,
        name_span=locate(name.start, name.end),
        is_braced=True,
        modifier="" if modifier.type == "CLOSE" else modifier.text,
        operand=operands[0] if operands else (),
        replacement=operands[1] if len(operands) > 1 else (),
    )


def _operand(tree: Tree, locate: Locate, escape: str) -> tuple[nodes.Piece, ...]:
    children = tree.children
    if tree.data not in _TEXT_OPERANDS:
        children = tuple(_as_pattern(child, escape) for child in children)
    return tuple(_piece(child, locate, escape) for child in children)


def _as_pattern(child: Token | Tree, escape: str) -> Token | Tree:
    """Quotes in a pattern keep the escape characters that act, and double those that do not."""
    if isinstance(child, Token) or child.data != "double_quoted":
        return child
    parts = (
        replace(part, type="QUOTED_LITERAL", text=_doubled(part, escape)) if isinstance(part, Token) else part
        for part in child.children[1:-1]
    )
    return replace(child, children=(child.children[0], *parts, child.children[-1]))


def _doubled(token: Token, escape: str) -> str:
    return token.text.replace(escape, escape * 2) if token.type == "QUOTED_LITERAL" else token.text


def _tree_span(tree: Tree, locate: Locate) -> Span:
    first, last = tree.children[0], tree.children[-1]
    assert isinstance(first, Token)
    assert isinstance(last, Token)
    return locate(first.start, last.end)


def _explain(text: str, offset: int, expected: frozenset[str]) -> str:
    """What is wrong with a word that no rule fits, from where the parser stopped and what it could have read."""
    if "NAME" in expected:
        return "a variable's name is missing after `${`"
    if "CLOSE" in expected and "DEFAULT_MODIFIER" in expected:
        rest = text[offset:]
        if not rest or "}" not in rest:
            return "the closing `}` of a variable is missing"
        return f"`{rest[:2] if rest.startswith(':') else rest[0]}` is no modifier of a variable"
    if "CLOSE" in expected:
        return "the closing `}` of a variable is missing"
    if "SLASH" in expected:
        return "the second `/` of a replacement is missing"
    if text[offset : offset + 1] == "'":
        return "the closing single quote is missing"
    if "QUOTE" in expected or '"' in text:
        return "the closing double quote is missing"
    return "the word cannot be read"
