"""A simple command as rules look at it: its name, its arguments with their places, its flags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dockerlang.records import record
from dockerlang.text import Span


@record
class Argument:
    """One word of a command. `text` has its quotes and escapes removed; variables and substitutions are as written."""

    span: Span
    text: str
    is_static: bool

    @property
    def is_flag(self) -> bool:
        """Whether it is written as an option."""
        return len(self.text) > 1 and self.text.startswith("-")


@record
class Invocation:
    """A simple command: `NAME ARGUMENT...`, with the assignments before it left out."""

    span: Span
    name: str
    name_span: Span
    arguments: tuple[Argument, ...]
    is_exec_form: bool = False

    def shift(self, delta: int) -> Invocation:
        """The same command, `delta` characters further on."""
        arguments = tuple(Argument(each.span.shift(delta), each.text, each.is_static) for each in self.arguments)
        return Invocation(self.span.shift(delta), self.name, self.name_span.shift(delta), arguments, self.is_exec_form)

    def has_argument(self, *texts: str) -> bool:
        """Whether one of the words is among the arguments."""
        return any(argument.text in texts for argument in self.arguments)

    def argument(self, *texts: str) -> Argument | None:
        """The first argument that is one of these words."""
        return next((argument for argument in self.arguments if argument.text in texts), None)

    def flags(self) -> Iterator[str]:
        """The names of all options: `--name` and `--name=value` give `name`, `-abc` gives `a`, `b` and `c`."""
        for argument in self.arguments:
            if argument.text == "--":
                return
            yield from _flag_names(argument.text)

    def has_flag(self, *names: str) -> bool:
        """Whether one of the options is given, long or as one letter."""
        return any(flag in names for flag in self.flags())

    def flag_value(self, *names: str) -> str | None:
        """The value of the first of these long or one-letter options, written as `--name=value` or `--name value`."""
        for index, argument in enumerate(self.arguments):
            name, has_value, value = argument.text.partition("=")
            if _spells(name, names):
                if has_value:
                    return value
                return self.arguments[index + 1].text if index + 1 < len(self.arguments) else None
        return None

    def operands(self, flags_with_value: Iterable[str] = ()) -> tuple[Argument, ...]:
        """The arguments that are no options, without the words that belong to one of `flags_with_value`."""
        names = tuple(flags_with_value)
        found: list[Argument] = []
        takes_next = False
        is_rest = False
        for argument in self.arguments:
            if takes_next:
                takes_next = False
            elif is_rest or not argument.text.startswith("-") or argument.text == "-":
                found.append(argument)
            elif argument.text == "--":
                is_rest = True
            else:
                takes_next = _spells(argument.text, names)
        return tuple(found)


def _flag_names(text: str) -> Iterator[str]:
    if text.startswith("--"):
        yield text[2:].partition("=")[0]
    elif text.startswith("-"):
        yield from text[1:]


def _spells(text: str, names: tuple[str, ...]) -> bool:
    return any(text == (f"--{name}" if len(name) > 1 else f"-{name}") for name in names)
