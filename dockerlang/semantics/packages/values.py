"""What a call of a package manager says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from enum import Enum

from dockerlang.records import record
from dockerlang.semantics.scripts.invocation import Argument, Invocation
from dockerlang.text import Span


class Action(Enum):
    """What is done, in words for people."""

    INSTALL = "installs"
    UPDATE = "updates the lists of packages"
    UPGRADE = "upgrades"
    REMOVE = "removes"
    CLEAN = "cleans up"
    DOWNLOAD = "downloads"
    RUN = "runs"


class PackageSource(Enum):
    """Where a package comes from."""

    INDEX = "index"
    FILE = "file"
    PATH = "path"
    URL = "url"
    GIT = "git"


@record
class Option:
    """An option as written: its name with its hyphens, and its value, None where it has none."""

    name: str
    value: str | None
    span: Span


@record
class Package:
    """One package of a call.

    `text` is how the command names it, without quotes, and `span` its place. `constraint` is what limits the version,
    with its sign (`=1.2`, `~=2.45`, `/stable`, `@latest`), empty where nothing does. Without `is_static` a variable or
    a command in it decides, and name and constraint are as written.
    """

    text: str
    span: Span
    name: str
    constraint: str = ""
    source: PackageSource = PackageSource.INDEX
    is_static: bool = True

    @property
    def version(self) -> str:
        """The version or what else stands behind the sign."""
        return self.constraint.lstrip("=~<>!@:/#-^ ")


@record
class PackageCall:
    """One command of a package manager. `manager` is what it is called, `verb` the word that says what is done."""

    manager: str
    action: Action
    verb: Argument
    options: tuple[Option, ...]
    packages: tuple[Package, ...]
    invocation: Invocation = field(repr=False)

    def option(self, *names: str) -> Option | None:
        """The first option of one of these names, which are given with their hyphens."""
        return next((option for option in self.options if option.name in names), None)


@record
class Words:
    """The words of a command behind its name, told apart."""

    options: tuple[Option, ...]
    operands: tuple[Argument, ...]


def told_apart(
    arguments: Iterable[Argument], options_with_value: Iterable[str], *, is_long_with_one_hyphen: bool = False
) -> Words:
    """Options and operands; behind `--` all are operands. `options_with_value` are names without hyphens."""
    known = frozenset(options_with_value)
    options: list[Option] = []
    operands: list[Argument] = []
    pending: Argument | None = None
    is_rest = False
    for argument in arguments:
        text = argument.text
        if pending is not None:
            options.append(Option(pending.text, text, Span(pending.span.start, argument.span.end)))
            pending = None
        elif is_rest or not text.startswith("-") or text == "-":
            operands.append(argument)
        elif text == "--":
            is_rest = True
        elif _name(text, is_long_with_one_hyphen=is_long_with_one_hyphen) in known:
            pending = argument
        else:
            name, has_value, value = text.partition("=")
            options.append(Option(name, value if has_value else None, argument.span))
    if pending is not None:
        options.append(Option(pending.text, None, pending.span))
    return Words(tuple(options), tuple(operands))


def _name(text: str, *, is_long_with_one_hyphen: bool) -> str:
    """The name of an option that may take the next word: `--name` or `-n`."""
    if is_long_with_one_hyphen:
        return text.lstrip("-")
    if text.startswith("--"):
        return text[2:] if len(text) > 3 else ""
    return text[1:] if len(text) == 2 else ""
