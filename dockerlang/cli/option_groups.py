"""Options that belong together, declared once beside the class that holds their values.

A command with three dozen options would be a page of parameters. Here a group is a frozen dataclass with a field for
each option, and `declare` puts the options on a command; the command takes `**values` and hands out the groups.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field, fields
from typing import Any, ClassVar, Protocol, TypeVar


class OptionGroup(Protocol):
    """Any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


Group = TypeVar("Group", bound=OptionGroup)
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def declare(*options: Decorator) -> Decorator:
    """A decorator that gives a command these options, in this order."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def take(kind: type[Group], values: dict[str, Any]) -> Group:
    """The group of that kind, whose values are taken out of `values`."""
    return kind(**{field.name: values.pop(field.name) for field in fields(kind)})
