"""Options that belong together, declared once beside the class that holds their values.

A command with three dozen options would be a page of parameters. Here a group is a record with a field for
each option, and `declare` puts the options on a command; the command takes `**values` and hands out the groups.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from dockerlang.records import fields_of

Group = TypeVar("Group")
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def declare(*options: Decorator) -> Decorator:
    """A decorator that gives a command these options, in this order."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def take(kind: type[Group], values: dict[str, Any]) -> Group:
    """The group of that kind, a record, whose values are taken out of `values`."""
    return kind(**{name: values.pop(name) for name in fields_of(kind)})
