"""What a container's process may do: capabilities, privileges, devices, kernel parameters, groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dockerlang.cli.option_groups import declare
from dockerlang.records import record

if TYPE_CHECKING:
    from dockerlang.containers.rights import Rights
    from dockerlang.runtime.process import Namespace

options = declare(
    click.option("--read-only", is_flag=True, help="Let the process write to mounts only."),
    click.option("--cap-add", multiple=True, metavar="NAME", help="Add a Linux capability, or ALL."),
    click.option("--cap-drop", multiple=True, metavar="NAME", help="Drop a Linux capability, or ALL."),
    click.option("--privileged", is_flag=True, help="Give the process all capabilities and devices, and hide nothing."),
    click.option(
        "--security-opt", "security_options", multiple=True, metavar="OPTION",
        help="no-new-privileges, seccomp=unconfined or systempaths=unconfined.",
    ),
    click.option(
        "--device", "devices", multiple=True, metavar="SOURCE[:TARGET]", help="Lend a device of the host."
    ),
    click.option("--sysctl", "sysctls", multiple=True, metavar="NAME=VALUE", help="Set a parameter of the kernel."),
    click.option("--group-add", "groups", multiple=True, metavar="GROUP", help="Be in this group, too."),
    click.option("--init", "has_init", is_flag=True, help="Let a small first process pass signals on."),
)  # fmt: skip


@record
class RightsOptions:
    """The values of these options."""

    read_only: bool
    cap_add: tuple[str, ...]
    cap_drop: tuple[str, ...]
    privileged: bool
    security_options: tuple[str, ...]
    devices: tuple[str, ...]
    sysctls: tuple[str, ...]
    groups: tuple[str, ...]
    has_init: bool

    def rights(
        self, *, has_own_network: bool, host_namespaces: frozenset[Namespace], out_of_memory_score: int | None
    ) -> Rights:
        """What they come to, together with what is shared with the host.

        Raises `UsageError` for what is not understood or cannot be honoured.
        """
        from dockerlang.containers import rights
        from dockerlang.runtime.process import Namespace

        is_own = {"has_own_network": has_own_network, "has_own_memory": Namespace.IPC not in host_namespaces}
        return rights.Rights(
            capabilities=rights.capabilities(self.cap_add, self.cap_drop, is_privileged=self.privileged),
            security=rights.security(self.security_options, is_privileged=self.privileged),
            devices=rights.devices(self.devices, is_privileged=self.privileged),
            sysctls=tuple(rights.sysctl(text, **is_own) for text in self.sysctls),
            groups=self.groups,
            has_init=self.has_init,
            host_namespaces=host_namespaces,
            out_of_memory_score=out_of_memory_score,
        )
