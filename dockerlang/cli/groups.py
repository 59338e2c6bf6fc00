"""Groups of commands under docker's long names: `image ls` is `images`, and so on, the same objects."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import cast

import click


class LongNames(click.Group):
    """A group whose commands are those of other modules, each imported only when it is called."""

    def __init__(self, name: str, modules: Mapping[str, str], help: str) -> None:
        super().__init__(name, help=help)
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*self._modules, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = self._modules.get(cmd_name)
        if module is None:
            return super().get_command(ctx, cmd_name)
        return cast("click.Command", import_module(f"dockerlang.cli.commands.{module}").command)
