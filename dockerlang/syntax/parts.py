"""What instructions are made of: words with their pieces, flags, heredocs, commands; `nodes` has them all.

What holds for every node is said in `nodes`.
"""

from __future__ import annotations

from dataclasses import field

from dockerlang.records import record
from dockerlang.syntax.lines import OffsetMap
from dockerlang.text import Span

# ---------------------------------------------------------------- pieces of words


@record
class Node:
    """Anything with a place in the source."""

    span: Span


@record
class Literal(Node):
    """Plain characters that stand for themselves."""

    text: str


@record
class Escaped(Node):
    """The escape character and the character that it makes literal; `text` is that character, empty at a word's end."""

    text: str


@record
class SingleQuoted(Node):
    """`'...'`, in which nothing is special; `text` is what stands between the quotes."""

    text: str


@record
class DoubleQuoted(Node):
    """`"..."`, in which variables expand and the escape character acts on `"`, `$` and itself."""

    parts: tuple[Piece, ...]


@record
class Variable(Node):
    """`$name`, `${name}` or `${name<modifier>operand}`.

    `modifier` is one of `:- - :+ + :? ? # ## % %% / //` or empty. For `/` and `//` the operand is the pattern and
    `replacement` what it is replaced with.
    """

    name: str
    name_span: Span
    is_braced: bool = False
    modifier: str = ""
    operand: tuple[Piece, ...] = ()
    replacement: tuple[Piece, ...] = ()


@record
class Malformed(Node):
    """A word that no rule fits (an open quote, a bad substitution): an error once it has to be expanded.

    `parts` are its pieces as if what is missing stood at its end: a variable that is not finished has an empty name, or
    nothing behind its modifier. What follows the place where nothing fits any more is the last part, as it is written.
    """

    text: str
    message: str
    parts: tuple[Piece, ...] = ()


Piece = Literal | Escaped | SingleQuoted | DoubleQuoted | Variable | Malformed


# ---------------------------------------------------------------- words and other parts


@record
class Name(Node):
    """A word in which nothing expands: a keyword, a stage's name, a key."""

    text: str


@record
class Word(Node):
    """An argument that may be expanded. `text` is the joined text with quotes and escapes as written.

    `special_pieces` are its pieces where they are not just one literal over the whole word. Most words are that, and
    to keep it for each would take a tenth of the tree's memory.
    """

    text: str
    special_pieces: tuple[Piece, ...] = ()

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What the word is made of, in order."""
        if self.special_pieces or not self.text:
            return self.special_pieces
        return (Literal(self.span, self.text),)

    @property
    def is_plain(self) -> bool:
        """Whether the word expands to itself: no variable, quote or escape in it."""
        return all(isinstance(piece, Literal) for piece in self.special_pieces)


@record
class ImageName(Word):
    """The name of an image, or of a stage, cut at its separators: `[registry/]path[:tag][@digest]`.

    The parts are joined text, as written; those that are not there have an empty text and no span. Separators inside
    a variable separate nothing.
    """

    repository: str = ""
    repository_span: Span | None = None
    tag: str = ""
    tag_span: Span | None = None
    digest: str = ""
    digest_span: Span | None = None

    @property
    def registry(self) -> str:
        """What stands before the first `/`, where it looks like a host; else empty."""
        first, slash, _ = self.repository.partition("/")
        return first if slash and ("." in first or ":" in first or first == "localhost") else ""

    @property
    def last_component(self) -> str:
        """The last part of the path: `nginx` of `docker.io/library/nginx`."""
        return self.repository.rpartition("/")[2]


@record
class Port(Word):
    """A word of EXPOSE: a port, or the ports `first` to `last`, both included.

    `protocol` is in lower case, empty where it is left out. The numbers are None where the word is something else: has
    variables, the parts before a colon that EXPOSE ignores, or is wrong; `semantics.expose` reads those.
    """

    first: int | None = None
    last: int | None = None
    protocol: str = ""


@record
class JsonEscape(Node):
    """An escape in a JSON string (`\\n`, `\\u00e9`, a surrogate pair); `text` is the character that it stands for."""

    text: str


@record
class JsonString(Word):
    """An element of a JSON array; `text` is its value, the span includes the quotes.

    Two strings of one value are equal, whichever of their characters are escaped.
    """

    escapes: tuple[JsonEscape, ...] = field(default=(), compare=False)


@record
class Heredoc(Node):
    """A here-document; the span is that of the mark (`<<-"EOF"`) on the instruction's line.

    `delimiter` has its quotes and backslashes removed. `content` is the body as written, without the line of the
    delimiter; `does_chomp` (`<<-`) says that leading tabs are to be removed from it. `body_span` covers the body and
    `end_span` the closing delimiter, None where the file ends first.
    """

    delimiter: str
    file_descriptor: int
    does_expand: bool
    does_chomp: bool
    content: str
    body_span: Span
    end_span: Span | None
    pieces: tuple[Piece, ...] = ()

    @property
    def is_terminated(self) -> bool:
        """Whether the closing delimiter was found."""
        return self.end_span is not None

    @property
    def chomped(self) -> str:
        """The content, with the leading tabs of each line removed where the mark asks for it."""
        if not self.does_chomp:
            return self.content
        return "\n".join(line.lstrip("\t") for line in self.content.split("\n"))


@record
class MountOption(Node):
    """One `key=value` (or bare `key`) of a `--mount`; `key` is lower-cased."""

    key: str
    key_span: Span
    value: Word | None


@record
class Flag(Node):
    """`--name` or `--name=value`; the value's text has the quotes of the flag word removed."""

    name: str
    name_span: Span
    value: Word | None


@record
class SwitchFlag(Flag):
    """`--name`, `--name=true` or `--name=false`; `is_on` is None where the value is neither."""

    is_on: bool | None = None


@record
class DurationFlag(Flag):
    """`--name=30s`: a duration in nanoseconds (0 for an empty value), None where it is none."""

    nanoseconds: int | None = None


@record
class NumberFlag(Flag):
    """`--name=3`: a whole number (0 for an empty value), None where it is none."""

    number: int | None = None


@record
class ModeFlag(Flag):
    """`--chmod=755`: the mode, None where it is written otherwise than as octal digits."""

    mode: int | None = None


@record
class MountFlag(Flag):
    """`--mount=...` of RUN, split at its commas."""

    options: tuple[MountOption, ...] = ()

    def option(self, *keys: str) -> MountOption | None:
        """The last option that has one of these keys."""
        return next((option for option in reversed(self.options) if option.key in keys), None)

    @property
    def type(self) -> str:
        """The mount's type; `bind` where none is given."""
        option = self.option("type")
        return option.value.text.lower() if option is not None and option.value is not None else "bind"


@record
class ShellForm(Node):
    """A command that a shell will read; `text` is the joined text, `offsets` leads from it back to the source."""

    text: str
    offsets: OffsetMap = field(compare=False, repr=False)


@record
class ExecForm(Node):
    """A command as a JSON array."""

    elements: tuple[JsonString, ...]

    @property
    def arguments(self) -> tuple[str, ...]:
        """The elements' values."""
        return tuple(element.text for element in self.elements)


Command = ShellForm | ExecForm


@record
class Pair(Node):
    """`name=value` of ENV and LABEL. `value` is None where there is no `=` (a mistake)."""

    name: Word
    value: Word | None


@record
class Declaration(Node):
    """`name` or `name=default` of ARG."""

    name: Name
    value: Word | None
