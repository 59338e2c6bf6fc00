"""Flags as Go programs take them: `--flag`, `--flag=true` and `--flag=false`, never `--flag false`."""

from __future__ import annotations

import click

_VALUES = {"1": True, "t": True, "true": True, "0": False, "f": False, "false": False}


class GoFlags(click.Command):
    """A command whose on-off options also take a value after `=`, so that docker's command lines work unchanged."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        flags = {name: option for option in self._flags() for name in option.opts}
        end = args.index("--") if "--" in args else len(args)
        return super().parse_args(ctx, [*_with_values(args[:end], flags), *args[end:]])

    def _flags(self) -> list[click.Option]:
        return [option for option in self.params if isinstance(option, click.Option) and option.is_flag]


def _with_values(args: list[str], flags: dict[str, click.Option]) -> list[str]:
    rewritten = []
    for arg in args:
        name, separator, value = arg.partition("=")
        if not separator or name not in flags or value.lower() not in _VALUES:
            rewritten.append(arg)
        elif _VALUES[value.lower()]:
            rewritten.append(name)
        else:
            # The option that says no, where there is one; a flag that is off by default is just left out.
            rewritten += flags[name].secondary_opts[:1]
    return rewritten
