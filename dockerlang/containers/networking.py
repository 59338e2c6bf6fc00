"""Which network a container has, and which of its ports are published there."""

from __future__ import annotations

from collections.abc import Callable

from dockerlang.containers.options import ContainerOptions
from dockerlang.containers.ports import Publication, all_publications
from dockerlang.errors import RuntimeFailure, UsageError
from dockerlang.oci.config import ContainerConfig
from dockerlang.runtime.namespaces import NamespaceRuntime
from dockerlang.runtime.process import Network

_HINT = "install pasta (on Debian the package passt), or use --network host, where the process's ports are the host's"


def publications_of(config: ContainerConfig, options: ContainerOptions) -> tuple[Publication, ...]:
    """What is to be published of a container with this config: what the user names, and all that is exposed."""
    return all_publications(options.publications, config.exposed_ports, publishes_exposed=options.publishes_exposed)


def network_of(
    options: ContainerOptions,
    publications: tuple[Publication, ...],
    runtime: NamespaceRuntime,
    warn: Callable[[str], None],
) -> Network:
    """The container's network; `warn` is told where it is not what one would expect.

    Raises RuntimeFailure where the network that was asked for, or that ports need, cannot be had.
    """
    network = options.network
    if network is Network.HOST or network is Network.NONE:
        if publications:
            warn(f"published ports are discarded with --network {network.value}")
        return network
    reason = runtime.reason_against_network()
    if not reason:
        return Network.BRIDGE
    if network is Network.BRIDGE:
        raise RuntimeFailure(f"cannot set up the network: {reason}", hint=_HINT)
    if publications:
        raise RuntimeFailure(f"cannot publish ports: {reason}", hint=_HINT)
    for name, _ in options.rights.sysctls:
        if name.startswith("net."):
            raise UsageError(f"sysctl '{name}' would change the host's network: {reason}", hint="use --network none")
    warn(f"the container has the host's network: {reason}")
    return Network.HOST
