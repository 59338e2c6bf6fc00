"""The ports of a container as docker's `ps` writes them."""

from __future__ import annotations

from collections.abc import Iterable

from dockerlang.containers.ports import published_ports
from dockerlang.containers.settings import ContainerSettings


def ports_text(settings: ContainerSettings) -> str:
    """`0.0.0.0:8080->80/tcp` for what is published, `443/tcp` for what is exposed alone; neighbours are joined.

    Those that have another number on the host come last, each by itself.
    """
    published = published_ports(settings.ports)
    known = {each.key for each in published}
    exposed = [key.partition("/")[::2] for key in settings.config.exposed_ports if key not in known]
    same = [(each.container, each.address, each.protocol) for each in published if each.host == each.container]
    same += [(int(number), "", protocol or "tcp") for number, protocol in exposed if number.isdecimal()]
    moved = [f"{each.place}->{each.key}" for each in published if each.host != each.container]
    return ", ".join([*_joined(sorted(same)), *moved])


def _joined(ports: Iterable[tuple[int, str, str]]) -> list[str]:
    runs: dict[tuple[str, str], list[int]] = {}
    finished: list[str] = []
    for number, address, protocol in ports:
        run = runs.setdefault((address, protocol), [number, number])
        if number > run[1] + 1:
            finished.append(_run_text(address, protocol, *run))
            run[0] = number
        run[1] = number
    return finished + [_run_text(address, protocol, *run) for (address, protocol), run in runs.items()]


def _run_text(address: str, protocol: str, first: int, last: int) -> str:
    numbers = str(first) if first == last else f"{first}-{last}"
    if not address:
        return f"{numbers}/{protocol}"
    return f"{f'[{address}]' if ':' in address else address}:{numbers}->{numbers}/{protocol}"
