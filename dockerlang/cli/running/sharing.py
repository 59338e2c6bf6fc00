"""What a container shares with the host, in docker's words: namespaces, and the risk that memory runs out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dockerlang.cli.option_groups import declare
from dockerlang.records import record

if TYPE_CHECKING:
    from dockerlang.runtime.process import Namespace

options = declare(
    click.option(
        "--ipc", default="", metavar="host|private", help="Whose shared memory and semaphores.  [default: private]"
    ),
    click.option("--uts", default="", metavar="host", help="The host's name, which the container could change."),
    click.option(
        "--cgroupns", default="", metavar="host|private", help="Whose names of control groups.  [default: private]"
    ),
    click.option("--pid", default="", hidden=True),
    click.option("--userns", default="", metavar="host", help="User IDs as they are; there is nothing else."),
    click.option(
        "--oom-score-adj", "out_of_memory_score", type=click.IntRange(-1000, 1000), metavar="N",
        help="How soon the process is killed when memory runs out, up to 1000.",
    ),
)  # fmt: skip


@record
class SharingOptions:
    """The values of these options."""

    ipc: str
    uts: str
    cgroupns: str
    pid: str
    userns: str
    out_of_memory_score: int | None

    def host_namespaces(self, *, hostname: str) -> frozenset[Namespace]:
        """What is shared. Raises `UsageError` for what cannot be, such as another container's."""
        from dockerlang.containers import rights

        return rights.host_namespaces(
            {"ipc": self.ipc, "uts": self.uts, "cgroupns": self.cgroupns, "pid": self.pid, "userns": self.userns},
            hostname=hostname,
        )
