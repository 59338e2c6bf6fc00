"""What of the host, of volumes and of memory the container sees in its file system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dockerlang.cli.option_groups import declare
from dockerlang.records import record

if TYPE_CHECKING:
    from dockerlang.containers.options import Mount

options = declare(
    click.option(
        "-v", "--volume", "volumes", multiple=True, metavar="[SOURCE:]TARGET[:ro]",
        help="Mount a directory or file of the host, or a volume.",
    ),
    click.option(
        "--mount", "mounts", multiple=True, metavar="type=TYPE,source=SOURCE,target=TARGET",
        help="Mount a volume, a bind or a tmpfs.",
    ),
    click.option(
        "--volumes-from", multiple=True, metavar="CONTAINER[:ro]", help="Mount what another container mounts."
    ),
    click.option("--tmpfs", multiple=True, metavar="TARGET[:size=N]", help="Mount an empty directory in memory."),
)  # fmt: skip


@record
class VolumeOptions:
    """The values of these options."""

    volumes: tuple[str, ...]
    mounts: tuple[str, ...]
    volumes_from: tuple[str, ...]
    tmpfs: tuple[str, ...]

    def all_mounts(self) -> tuple[Mount, ...]:
        """What is mounted, but for what comes from other containers. Raises `UsageError`."""
        from dockerlang.containers.options import parse_mount, parse_tmpfs, parse_volume

        return (
            *(parse_tmpfs(text) for text in self.tmpfs),
            *(parse_volume(text) for text in self.volumes),
            *(parse_mount(text) for text in self.mounts),
        )
