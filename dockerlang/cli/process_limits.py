"""The options of `build` and `run` that limit processes, in docker's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from dockerlang.cli.option_groups import declare
from dockerlang.errors import UsageError
from dockerlang.records import record

if TYPE_CHECKING:
    from dockerlang.runtime.limits import Resources, Ulimit
    from dockerlang.runtime.namespaces import NamespaceRuntime

options = declare(
    click.option(
        "--ulimit", "ulimits", multiple=True, metavar="NAME=SOFT[:HARD]",
        help="A limit of each process, as nofile=1024:2048. May be repeated.",
    ),
    click.option("--shm-size", default="", metavar="SIZE", help="Size of /dev/shm.  [default: 64m]"),
    click.option("-m", "--memory", default="", metavar="SIZE", help="Memory that all processes together may use."),
    click.option(
        "--memory-swap", default="", metavar="SIZE",
        help="Memory and swap together; -1 for any amount of swap.  [default: twice the memory]",
    ),
    click.option(
        "-c", "--cpu-shares", type=click.IntRange(min=2), metavar="N",
        help="Share of processor time, where others have 1024.",
    ),
    click.option("--cpu-period", type=int, metavar="N", help="Length of a period of --cpu-quota in microseconds."),
    click.option("--cpu-quota", type=int, metavar="N", help="Microseconds of processor time in a period."),
    click.option("--cpuset-cpus", default="", metavar="LIST", help="Processors to run on, as 0-2,4."),
    click.option("--cpuset-mems", default="", metavar="LIST", help="Nodes of memory to use, as 0,1."),
    click.option("--pids-limit", type=int, metavar="N", help="How many processes there may be; -1 for any number."),
    click.option(
        "--runtime", "runtime_name", type=click.Choice(["namespaces", "runc", "crun", "youki"]), default="namespaces",
        show_default=True, help="What runs processes: dockerlang itself, or an OCI runtime on PATH.",
    ),
    click.option("--cgroup-parent", default="", metavar="GROUP", help="Control group to make the processes' own in."),
)  # fmt: skip

_PERIOD = 100_000  # microseconds, the kernel's usual period
_RESOURCES = ("memory", "memory-swap", "cpu-shares", "cpu-period", "cpu-quota", "cpuset-cpus", "cpuset-mems")


@record
class ProcessLimits:
    """The values of these options."""

    ulimits: tuple[str, ...]
    shm_size: str
    memory: str
    memory_swap: str
    cpu_shares: int | None
    cpu_period: int | None
    cpu_quota: int | None
    cpuset_cpus: str
    cpuset_mems: str
    pids_limit: int | None
    cgroup_parent: str
    runtime_name: str

    def process_ulimits(self) -> tuple[Ulimit, ...]:
        """The values of `--ulimit`; of two with one name the later counts. Raises `UsageError`."""
        from dockerlang.runtime.limits import parse_ulimit

        parsed = [parse_ulimit(text) for text in self.ulimits]
        return tuple({ulimit.name: ulimit for ulimit in parsed}.values())

    def shared_memory(self) -> int:
        """The size of /dev/shm in bytes. Raises `UsageError`."""
        from dockerlang.runtime.limits import SHARED_MEMORY, parse_size

        # For docker, 0 is no size but the wish for the usual one.
        return (parse_size(self.shm_size) if self.shm_size else 0) or SHARED_MEMORY

    def resources(
        self, *, cpus: float | None = None, memory_reservation: str = "", more: tuple[str, ...] = ()
    ) -> Resources:
        """The limits of the control group, with `--cpus` and those of `--resource` on top. Raises `UsageError`."""
        from dockerlang.runtime.limits import Resources

        values: dict[str, str | int | None] = {
            "memory": _size(self.memory),
            "memory_swap": _size(self.memory_swap),
            "memory_reservation": _size(memory_reservation),
            "cpu_shares": self.cpu_shares,
            # docker's 0 stands for no limit.
            "cpu_period": self.cpu_period or None,
            "cpu_quota": self.cpu_quota or None,
            "cpuset_cpus": self.cpuset_cpus,
            "cpuset_mems": self.cpuset_mems,
            "pids": self.pids_limit or None,
            "parent": self.cgroup_parent,
        }
        if cpus is not None:
            if self.cpu_quota or self.cpu_period:
                raise UsageError("--cpus says the same as --cpu-quota and --cpu-period", hint="give one of them")
            values["cpu_quota"] = round(cpus * _PERIOD)
        values.update(_resource(text) for text in more)
        return Resources(**values)  # type: ignore[arg-type]


@contextmanager
def chosen_runtime(name: str) -> Iterator[NamespaceRuntime | None]:
    """The OCI runtime of `--runtime`; None for our own, which a build starts when it needs it."""
    if name == "namespaces":
        yield None
        return
    from dockerlang.runtime.oci import runtime_called

    with runtime_called(name) as runtime:
        yield runtime


def warn_of_missing_limits(resources: Resources) -> None:
    """Say it where the limits cannot be kept: processes run without them then."""
    if not resources:
        return
    from dockerlang.runtime.cgroups import reason_against

    reason = reason_against(resources)
    if reason:
        click.echo(f"warning: processes run without limits of memory, processors and number: {reason}", err=True)


def _size(text: str) -> int | None:
    from dockerlang.runtime.limits import UNLIMITED, parse_size

    if text == "-1":
        return UNLIMITED
    return (parse_size(text) or None) if text else None


def _resource(text: str) -> tuple[str, str | int | None]:
    """One `KEY=VALUE` of `--resource`."""
    name, _, value = text.partition("=")
    if name not in _RESOURCES or not value:
        raise UsageError(
            f"`--resource {text}` is not understood", hint=f"there are {', '.join(_RESOURCES)}, as memory=64m"
        )
    field = name.replace("-", "_")
    if name.startswith("cpuset"):
        return field, value
    if name.startswith("memory"):
        return field, _size(value)
    try:
        return field, int(value)
    except ValueError:
        raise UsageError(f"`--resource {text}`: that is no number") from None
