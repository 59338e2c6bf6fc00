"""The typed tree of a Dockerfile: what was written and where, never what it means.

Every node is frozen and has a `span` of offsets into the source. Where a line continues, spans still point at the
source as written, while `text` fields hold the joined text (escape character, line ending and comments in between left
out). A part that is missing from an unfinished instruction is `None` or an empty tuple; `syntax.problems` names it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from functools import cached_property
from typing import ClassVar, TypeVar

from dockerlang.records import record
from dockerlang.syntax.parts import (
    Command,
    Declaration,
    DoubleQuoted,
    DurationFlag,
    Escaped,
    ExecForm,
    Flag,
    Heredoc,
    ImageName,
    JsonEscape,
    JsonString,
    Literal,
    Malformed,
    ModeFlag,
    MountFlag,
    MountOption,
    Name,
    Node,
    NumberFlag,
    Pair,
    Piece,
    Port,
    ShellForm,
    SingleQuoted,
    SwitchFlag,
    Variable,
    Word,
)
from dockerlang.text import Source, Span

__all__ = [
    "Add",
    "Arg",
    "Blank",
    "Cmd",
    "Command",
    "Comment",
    "Copy",
    "Declaration",
    "Directive",
    "Document",
    "DoubleQuoted",
    "DurationFlag",
    "Entrypoint",
    "Env",
    "Escaped",
    "ExecForm",
    "Expose",
    "Flag",
    "From",
    "Healthcheck",
    "Heredoc",
    "INSTRUCTIONS",
    "ImageName",
    "Instruction",
    "Invalid",
    "Item",
    "JsonEscape",
    "JsonString",
    "Label",
    "Literal",
    "Maintainer",
    "Malformed",
    "ModeFlag",
    "MountFlag",
    "MountOption",
    "Name",
    "Node",
    "NumberFlag",
    "OnBuild",
    "Pair",
    "Piece",
    "Port",
    "Run",
    "Shell",
    "ShellForm",
    "SingleQuoted",
    "StopSignal",
    "SwitchFlag",
    "Transfer",
    "User",
    "Variable",
    "Volume",
    "Word",
    "Workdir",
]


@record
class Blank(Node):
    """A run of empty lines, line endings included."""


@record
class Comment(Node):
    """A comment line.

    As an item its span covers the whole line with its ending; inside a continuation it covers the line without it.
    `text` is the line after `#`, trimmed; `hash_offset` is where the `#` stands.
    """

    text: str
    hash_offset: int = field(compare=False)


@record
class Directive(Node):
    """`# name=value` at the top of the file, with `name` one of `syntax`, `escape`, `check`, lower-cased."""

    name: str
    name_span: Span
    value: Name


@record
class Instruction(Node):
    """What all instructions have.

    `span` covers whole lines: blanks before the keyword, heredoc bodies and the last line ending included, so that
    the items of a document tile its text. `statement` runs from the keyword to the last character of the joined line.
    `text` is the joined line, trimmed at its start; `comments` and `blank_lines` are what stood between its parts.
    """

    KEYWORD: ClassVar[str] = ""

    keyword: Name
    statement: Span
    text: str
    flags: tuple[Flag, ...] = ()
    heredocs: tuple[Heredoc, ...] = ()
    comments: tuple[Comment, ...] = ()
    blank_lines: tuple[Span, ...] = ()

    @property
    def code_span(self) -> Span:
        """The statement together with its heredocs, up to the last closing delimiter; without the line ending."""
        ends = [heredoc.end_span or heredoc.body_span for heredoc in self.heredocs]
        return Span(self.statement.start, max([self.statement.end, *(span.end for span in ends)]))

    def flag(self, name: str) -> Flag | None:
        """The first flag of that name."""
        return next((flag for flag in self.flags if flag.name == name), None)


@record
class Invalid(Instruction):
    """A line that is no instruction: its keyword is unknown."""


@record
class From(Instruction):
    """`FROM [--platform=P] IMAGE [AS STAGE]`; `extra` are words that should not be there."""

    KEYWORD: ClassVar[str] = "FROM"
    image: ImageName | None = None
    as_keyword: Name | None = None
    stage: Name | None = None
    extra: tuple[Word, ...] = ()


@record
class Arg(Instruction):
    """`ARG NAME[=DEFAULT]...`"""

    KEYWORD: ClassVar[str] = "ARG"
    declarations: tuple[Declaration, ...] = ()


@record
class Env(Instruction):
    """`ENV NAME=VALUE...` or the old `ENV NAME VALUE`."""

    KEYWORD: ClassVar[str] = "ENV"
    pairs: tuple[Pair, ...] = ()
    is_legacy: bool = False


@record
class Label(Instruction):
    """`LABEL NAME=VALUE...` or the old `LABEL NAME VALUE`."""

    KEYWORD: ClassVar[str] = "LABEL"
    pairs: tuple[Pair, ...] = ()
    is_legacy: bool = False


@record
class Run(Instruction):
    """`RUN [--mount=...]... COMMAND`, in shell form, exec form or with heredocs."""

    KEYWORD: ClassVar[str] = "RUN"
    command: Command | None = None

    @property
    def mounts(self) -> tuple[MountFlag, ...]:
        """The `--mount` flags."""
        return tuple(flag for flag in self.flags if isinstance(flag, MountFlag))

    @property
    def script(self) -> Heredoc | None:
        """The heredoc whose body is the whole script: it alone makes up the command."""
        if len(self.heredocs) == 1 and isinstance(self.command, ShellForm):
            return self.heredocs[0] if self.heredocs[0].span == self.command.span else None
        return None


@record
class Cmd(Instruction):
    """`CMD COMMAND`"""

    KEYWORD: ClassVar[str] = "CMD"
    command: Command | None = None


@record
class Entrypoint(Instruction):
    """`ENTRYPOINT COMMAND`"""

    KEYWORD: ClassVar[str] = "ENTRYPOINT"
    command: Command | None = None


@record
class Shell(Instruction):
    """`SHELL ["executable", "argument"...]`; the shell form is a mistake."""

    KEYWORD: ClassVar[str] = "SHELL"
    command: Command | None = None


@record
class Transfer(Instruction):
    """What COPY and ADD share: sources and a destination, as words or as a JSON array.

    A single argument is a source without a destination.
    """

    sources: tuple[Word | Heredoc, ...] = ()
    destination: Word | Heredoc | None = None
    is_json: bool = False


@record
class Copy(Transfer):
    """`COPY [--from=STAGE] [--chown=..] [--chmod=..] [--link] [--parents] [--exclude=..] SOURCE... DESTINATION`"""

    KEYWORD: ClassVar[str] = "COPY"


@record
class Add(Transfer):
    """`ADD [--chown=..] [--chmod=..] [--checksum=..] [--unpack] [--link]... SOURCE... DESTINATION`"""

    KEYWORD: ClassVar[str] = "ADD"


@record
class Expose(Instruction):
    """`EXPOSE PORT[/PROTOCOL]...`"""

    KEYWORD: ClassVar[str] = "EXPOSE"
    ports: tuple[Port, ...] = ()


@record
class Volume(Instruction):
    """`VOLUME PATH...` or `VOLUME ["PATH"...]`"""

    KEYWORD: ClassVar[str] = "VOLUME"
    paths: tuple[Word, ...] = ()
    is_json: bool = False


@record
class User(Instruction):
    """`USER USER[:GROUP]`"""

    KEYWORD: ClassVar[str] = "USER"
    user: Word | None = None


@record
class Workdir(Instruction):
    """`WORKDIR PATH`"""

    KEYWORD: ClassVar[str] = "WORKDIR"
    path: Word | None = None


@record
class StopSignal(Instruction):
    """`STOPSIGNAL SIGNAL`"""

    KEYWORD: ClassVar[str] = "STOPSIGNAL"
    signal: Word | None = None


@record
class Maintainer(Instruction):
    """`MAINTAINER NAME`"""

    KEYWORD: ClassVar[str] = "MAINTAINER"
    name: Name | None = None


@record
class Healthcheck(Instruction):
    """`HEALTHCHECK [--interval=..]... CMD COMMAND` or `HEALTHCHECK NONE`; `kind` is that word as written."""

    KEYWORD: ClassVar[str] = "HEALTHCHECK"
    kind: Name | None = None
    command: Command | None = None


@record
class OnBuild(Instruction):
    """`ONBUILD INSTRUCTION`; `trigger_text` is the rest of the joined line, `trigger` that text as an instruction."""

    KEYWORD: ClassVar[str] = "ONBUILD"
    trigger_text: str = ""
    trigger: Instruction | None = None


Item = Blank | Comment | Directive | Instruction

_I = TypeVar("_I", bound=Instruction)

INSTRUCTIONS: dict[str, type[Instruction]] = {
    node.KEYWORD: node
    for node in (
        From, Run, Cmd, Label, Maintainer, Expose, Env, Add, Copy, Entrypoint,
        Volume, User, Workdir, Arg, OnBuild, StopSignal, Healthcheck, Shell,
    )
}  # fmt: skip


@record(caches=True)
class Document(Node):
    """A whole Dockerfile. `items` tile the text; `escape` is the escape character in force.

    With `has_open_heredoc` the delimiter of some heredoc is missing, and its end was guessed.
    """

    source: Source
    items: Sequence[Item]
    escape: str = "\\"
    has_open_heredoc: bool = False

    @cached_property
    def instructions(self) -> tuple[Instruction, ...]:
        """The instructions in order, broken ones included."""
        return tuple(item for item in self.items if isinstance(item, Instruction))

    @cached_property
    def directives(self) -> tuple[Directive, ...]:
        """The parser directives in order."""
        return tuple(item for item in self.items if isinstance(item, Directive))

    def all_of(self, kind: type[_I]) -> Iterator[_I]:
        """The instructions of one kind, in order."""
        return (item for item in self.items if isinstance(item, kind))
