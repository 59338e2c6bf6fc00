"""What shapes the graph: arguments, labels, the target, the platform, and what is not taken from the cache."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from dockerlang.cli.building.values import pairs
from dockerlang.cli.option_groups import declare
from dockerlang.errors import UsageError
from dockerlang.records import record

if TYPE_CHECKING:
    from dockerlang.builder.lower.options import BuildOptions
    from dockerlang.oci.platform import Platform

_REASONS = {
    "builder": ("there are no builders: a build runs in this process", "leave it out"),
    "policy": ("policies for sources are not evaluated", "pin images by digest, and URLs with --checksum"),
    "security_opt": ("RUN is confined as docker does it by default", "ask with RUN --security=insecure and --allow"),
    "isolation": ("there is one way to isolate processes", "leave it out, or --isolation=default"),
}


def _refuse(_: click.Context, parameter: click.Parameter, value: str | tuple[str, ...] | None) -> None:
    """Options of docker's that would change what is built, or where, if they were taken."""
    if value and value != "default":
        assert parameter.name is not None
        reason, hint = _REASONS[parameter.name]
        raise UsageError(f"{parameter.opts[0]} cannot be honoured: {reason}", hint=hint)


options = declare(
    # Scripts give these to docker. Nothing is lost without them: no context is sent, and no notary was ever asked.
    click.option("--compress", is_flag=True, hidden=True, expose_value=False),
    click.option("--disable-content-trust", is_flag=True, hidden=True, expose_value=False),
    click.option("--builder", hidden=True, expose_value=False, callback=_refuse),
    click.option("--policy", hidden=True, expose_value=False, callback=_refuse),
    click.option("--isolation", hidden=True, expose_value=False, callback=_refuse),
    click.option("--security-opt", multiple=True, hidden=True, expose_value=False, callback=_refuse),
    click.option(
        "--build-arg", "build_args", multiple=True, metavar="NAME[=VALUE]",
        help="Value of an ARG; without =VALUE, that of the environment variable. May be repeated.",
    ),
    click.option("--label", "labels", multiple=True, metavar="NAME=VALUE", help="Add a label. May be repeated."),
    click.option("--target", default="", metavar="STAGE", help="The stage to build.  [default: the last]"),
    click.option(
        "--platform", "platforms", multiple=True, metavar="OS/ARCH[,...]",
        help="The platform to build for; several are joined in an index.  [default: this machine's]",
    ),
    click.option("--no-cache", is_flag=True, help="Run RUN, COPY and ADD again."),
    click.option(
        "--no-cache-filter", "no_cache_stages", multiple=True, metavar="STAGE[,STAGE...]",
        help="Run the steps of these stages again. May be repeated.",
    ),
)  # fmt: skip


@record
class Settings:
    """The values of these options."""

    build_args: tuple[str, ...]
    labels: tuple[str, ...]
    target: str
    platforms: tuple[str, ...]
    no_cache: bool
    no_cache_stages: tuple[str, ...]

    def build_options(self) -> BuildOptions:
        """The options for lowering."""
        from dockerlang.builder.lower.options import BuildOptions

        build_args = pairs(self.build_args, takes_environment=True)
        if "SOURCE_DATE_EPOCH" in os.environ:
            # As with the reference's command, the variable counts like an argument.
            build_args.setdefault("SOURCE_DATE_EPOCH", os.environ["SOURCE_DATE_EPOCH"])
        return BuildOptions(
            build_args=build_args,
            target=self.target,
            platform=self.all_platforms()[0],
            labels=pairs(self.labels, takes_environment=False, option="--label"),
            no_cache=self.no_cache,
            no_cache_stages=frozenset(name for text in self.no_cache_stages for name in text.split(",") if name),
        )

    def all_platforms(self) -> tuple[Platform, ...]:
        """The platforms to build for, each once. Raises `InputError` for one that is none."""
        from dockerlang.oci.platform import host_platform, parse_platform

        texts = [text.strip() for given in self.platforms for text in given.split(",")]
        return tuple(dict.fromkeys(parse_platform(text) for text in texts if text)) or (host_platform(),)
