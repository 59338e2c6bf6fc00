"""`--platform` of commands that take several: repeated, or with commas between."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from dockerlang.oci.platform import Platform

Command = TypeVar("Command", bound=Callable[..., None])


def platform_option(help: str) -> Callable[[Command], Command]:
    """The option; the command gets `platforms`, each once, in the order given."""
    return click.option("--platform", "platforms", multiple=True, metavar="OS/ARCH,...", help=help, callback=_parsed)


def _parsed(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[Platform, ...]:
    names = [name.strip() for value in values for name in value.split(",") if name.strip()]
    if not names:
        return ()
    from dockerlang.oci.platform import parse_platform

    return tuple(dict.fromkeys(map(parse_platform, names)))
