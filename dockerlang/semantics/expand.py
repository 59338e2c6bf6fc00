"""Expansion of words: variables, quotes and escapes, as in section 1.9 of the language.

Splitting into words comes before expansion, so the result of `expand` is never split again; only EXPOSE asks for that.
An environment is any mapping; one that folds case gives the behaviour of a Windows engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dockerlang.records import record
from dockerlang.semantics.patterns import (
    InvalidPattern,
    replace_all,
    replace_first,
    trim_prefix,
    trim_suffix,
)
from dockerlang.syntax import nodes
from dockerlang.syntax.lines import OffsetMap
from dockerlang.syntax.scanner import UNICODE_BLANKS
from dockerlang.syntax.words import pieces_of
from dockerlang.text import Span


class ExpansionError(ValueError):
    """A word that cannot be expanded; `span` is the variable (or the malformed word) at fault, `help` what to do."""

    def __init__(self, span: Span, message: str, help: str = "") -> None:
        super().__init__(message)
        self.span = span
        self.message = message
        self.help = help


@record
class Part:
    """A stretch of expanded text and the piece of the word that gave it; `variable` is empty for what was written."""

    text: str
    span: Span
    variable: str = ""


@record
class Expansion:
    """What a word expands to.

    `used` and `unset` are the names that were looked up and found or not found, each once, in the order of their first
    use. Those in operands count even where the operand's value is not taken.
    """

    text: str
    parts: tuple[Part, ...] = ()
    used: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()


def expand(word: nodes.Word, environment: Mapping[str, str]) -> Expansion:
    """The value of a word, its quotes and escapes removed. Raises `ExpansionError`."""
    return expand_pieces(word.pieces, environment)


def expand_pieces(pieces: tuple[nodes.Piece, ...], environment: Mapping[str, str]) -> Expansion:
    """The value of a sequence of pieces. Raises `ExpansionError`."""
    lookup = _Lookup(environment)
    parts = tuple(part for piece in pieces for part in lookup.parts(piece))
    return Expansion("".join(part.text for part in parts), parts, tuple(lookup.used), tuple(lookup.unset))


def expand_words(word: nodes.Word, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The words that a word expands to: it is split at blanks that are neither quoted nor escaped, those in the values
    of variables included. Empty words vanish. Raises `ExpansionError`.
    """
    lookup = _Lookup(environment)
    words: list[str] = []
    current = ""
    for piece in word.pieces:
        text = lookup.text(piece)
        if not isinstance(piece, nodes.Literal | nodes.Variable):
            current += text
            continue
        for character in text:
            if character not in UNICODE_BLANKS:
                current += character
            elif current:
                words.append(current)
                current = ""
    return (*words, current) if current else tuple(words)


def expand_body(heredoc: nodes.Heredoc, environment: Mapping[str, str]) -> Expansion:
    """The content of a heredoc, its leading tabs removed where it asks for that; as it is if its delimiter was quoted.

    Raises `ExpansionError`.
    """
    if not heredoc.does_expand:
        return Expansion(heredoc.chomped, (Part(heredoc.chomped, heredoc.body_span),))
    if heredoc.chomped == heredoc.content:
        return expand_pieces(heredoc.pieces, environment)
    # Tabs go before anything is read: also those of lines inside an operand.
    offsets = _chomped_offsets(heredoc)
    return expand_pieces(pieces_of(heredoc.chomped, offsets.span, "\\", start="body"), environment)


def _chomped_offsets(heredoc: nodes.Heredoc) -> OffsetMap:
    """From offsets in the chomped content to those of the source."""
    joined: list[int] = []
    source: list[int] = []
    at, offset = 0, heredoc.body_span.start
    for line in heredoc.content.split("\n"):
        kept = line.lstrip("\t")
        joined.append(at)
        source.append(offset + len(line) - len(kept))
        at += len(kept) + 1
        offset += len(line) + 1
    return OffsetMap(tuple(joined), tuple(source))


class _Lookup:
    """One expansion: an environment, and the names that were asked of it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        # Dictionaries for sets that keep their order.
        self.used: dict[str, None] = {}
        self.unset: dict[str, None] = {}

    def parts(self, piece: nodes.Piece) -> Iterable[Part]:
        if isinstance(piece, nodes.DoubleQuoted):
            return [part for inner in piece.parts for part in self.parts(inner)]
        variable = piece.name if isinstance(piece, nodes.Variable) else ""
        return (Part(self.text(piece), piece.span, variable),)

    def text(self, piece: nodes.Piece) -> str:
        match piece:
            case nodes.Literal(text=text) | nodes.Escaped(text=text) | nodes.SingleQuoted(text=text):
                return text
            case nodes.DoubleQuoted(parts=parts):
                return self._joined(parts)
            case nodes.Variable():
                return self._value(piece)
            case nodes.Malformed():
                raise ExpansionError(piece.span, piece.message, _how_to_mend(piece))

    def _joined(self, pieces: tuple[nodes.Piece, ...]) -> str:
        return "".join(self.text(piece) for piece in pieces)

    def _value(self, variable: nodes.Variable) -> str:
        # Operands are expanded first, whether they are needed or not: an error in them is an error.
        operand = self._joined(variable.operand)
        replacement = self._joined(variable.replacement)
        value = self._environment.get(variable.name)
        (self.unset if value is None else self.used)[variable.name] = None
        match variable.modifier:
            case "":
                return value or ""
            case ":-":
                return value or operand
            case "-":
                return operand if value is None else value
            case ":+":
                return operand if value else ""
            case "+":
                return "" if value is None else operand
            case ":?" | "?":
                return _required(variable, value, operand)
            case _:
                return _edited(variable, value or "", operand, replacement)


def _required(variable: nodes.Variable, value: str | None, message: str) -> str:
    if value is None:
        help_text = f"give it a value with ARG, ENV or `--build-arg {variable.name}=value`"
        raise ExpansionError(variable.span, f"{variable.name}: {message or 'is not allowed to be unset'}", help_text)
    if not value and variable.modifier == ":?":
        help_text = f"give it a value with ARG, ENV or `--build-arg {variable.name}=value`"
        raise ExpansionError(variable.span, f"{variable.name}: {message or 'is not allowed to be empty'}", help_text)
    return value


def _edited(variable: nodes.Variable, value: str, pattern: str, replacement: str) -> str:
    modifier = variable.modifier
    try:
        if modifier == "/":
            return replace_first(pattern, replacement, value)
        if modifier == "//":
            return replace_all(pattern, replacement, value)
        if len(modifier) == 1 and pattern.startswith(modifier):
            # The second sign may come out of an expansion: `${v#$p}` with a p that begins with `#`.
            modifier, pattern = modifier * 2, pattern[1:]
        trim = trim_prefix if modifier[0] == "#" else trim_suffix
        return trim(pattern, value, greedy=len(modifier) == 2)
    except InvalidPattern as error:
        raise ExpansionError(variable.span, str(error), "the pattern takes `*`, `?` and `\\`") from None


def _how_to_mend(word: nodes.Malformed) -> str:
    """What to do about a word that no rule fits."""
    for quote, name in (("single", "'"), ("double", '"')):
        if word.message.startswith(f"the closing {quote} quote"):
            return f"add `{name}`, or write `\\{name}` where the character itself is meant"
    if "modifier" in word.message:
        return "there are `:-`, `:+`, `:?`, `#`, `%` and `/`; for the characters themselves write `\\$`"
    if "`/`" in word.message:
        return "write `${name/pattern/replacement}`"
    return "write `${name}`, or `\\$` where the character itself is meant"
