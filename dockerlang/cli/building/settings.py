"""What shapes the graph: arguments, labels, the target, the platform, and what is not taken from the cache."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from dockerlang.cli.building.values import pairs
from dockerlang.cli.option_groups import declare
from dockerlang.errors import UsageError

if TYPE_CHECKING:
    from dockerlang.builder.lower.options import BuildOptions

options = declare(
    click.option(
        "--build-arg", "build_args", multiple=True, metavar="NAME[=VALUE]",
        help="Value of an ARG; without =VALUE, that of the environment variable. May be repeated.",
    ),
    click.option("--label", "labels", multiple=True, metavar="NAME=VALUE", help="Add a label. May be repeated."),
    click.option("--target", default="", metavar="STAGE", help="The stage to build.  [default: the last]"),
    click.option(
        "--platform", default="", metavar="OS/ARCH", help="The platform to build for.  [default: this machine's]"
    ),
    click.option("--no-cache", is_flag=True, help="Run RUN, COPY and ADD again."),
    click.option(
        "--no-cache-filter", "no_cache_stages", multiple=True, metavar="STAGE",
        help="Run the steps of this stage again. May be repeated.",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """The values of these options."""

    build_args: tuple[str, ...]
    labels: tuple[str, ...]
    target: str
    platform: str
    no_cache: bool
    no_cache_stages: tuple[str, ...]

    def build_options(self) -> BuildOptions:
        """The options for lowering. Raises `UsageError` for a SOURCE_DATE_EPOCH that is no number."""
        from dockerlang.builder.lower.options import BuildOptions
        from dockerlang.oci.platform import host_platform, parse_platform

        build_args = pairs(self.build_args, takes_environment=True)
        epoch = build_args.get("SOURCE_DATE_EPOCH", "")
        if epoch and not epoch.isdecimal():
            raise UsageError(f"SOURCE_DATE_EPOCH is `{epoch}`, which is no number of seconds")
        return BuildOptions(
            build_args=build_args,
            target=self.target,
            platform=parse_platform(self.platform) if self.platform else host_platform(),
            labels=pairs(self.labels, takes_environment=False),
            no_cache=self.no_cache,
            no_cache_stages=frozenset(self.no_cache_stages),
            epoch=int(epoch) if epoch else None,
        )
