"""Ports of the host that lead to a process with a network of its own, by a small process that passes bytes on.

It takes what comes to the host's ports, and, being in the process's network itself, connects to the process at that
network's own address. pasta could do this, too, but versions of 2023 lose answers that do not come over the loopback.
"""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import signal
import socket
import struct
from typing import NoReturn

from dockerlang.runtime import kernel
from dockerlang.runtime.process import Port

_SIOCGIFADDR = 0x8915
_IP_PKTINFO, _IPV6_RECVPKTINFO = 8, 49
_BACKLOG = 128


class Forwarding:
    """Forwards ports to the network with this namespace, until it is closed."""

    def __init__(self, ports: tuple[Port, ...], namespace: int) -> None:
        """Take the ports. Raises OSError that says in docker's words which one cannot be had."""
        listeners: list[tuple[socket.socket, int]] = []
        try:
            for port in ports:
                listeners += [(listener, port.container) for listener in listen(port)]
            self._pid = os.fork()
            if self._pid == 0:
                _forward(listeners, namespace)
        finally:
            for listener, _ in listeners:
                listener.close()

    def close(self) -> None:
        """Free the ports."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


def listen(port: Port) -> list[socket.socket]:
    """Sockets that take the port of the host, one for each of its addresses. Raises OSError."""
    listeners: list[socket.socket] = []
    try:
        listeners.extend(_bound(address, port) for address in addresses_of(port))
    except BaseException:
        for listener in listeners:
            listener.close()
        raise
    return listeners


def addresses_of(port: Port) -> tuple[str, ...]:
    """Where the host listens: without an address everywhere, also with IPv6 where there is that."""
    if port.address:
        return (port.address,)
    return ("0.0.0.0", "::") if _has_ipv6() else ("0.0.0.0",)


def written(address: str) -> str:
    """An address as it is written before a port."""
    return f"[{address}]" if ":" in address else address


def _has_ipv6() -> bool:
    try:
        with open("/proc/net/if_inet6", "rb") as file:
            return bool(file.read(1))
    except OSError:
        return False


def _bound(address: str, port: Port) -> socket.socket:
    is_ipv6, is_stream = ":" in address, port.protocol == "tcp"
    listener = socket.socket(
        socket.AF_INET6 if is_ipv6 else socket.AF_INET, socket.SOCK_STREAM if is_stream else socket.SOCK_DGRAM
    )
    try:
        listener.setblocking(False)
        if is_ipv6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if is_stream:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        elif is_ipv6:
            listener.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVPKTINFO, 1)
        else:
            listener.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
        listener.bind((address, port.host))
        if is_stream:
            listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        reason = "port is already allocated" if error.errno == errno.EADDRINUSE else error.strerror
        raise OSError(error.errno, f"Bind for {written(address)}:{port.host} failed: {reason}") from None
    return listener


def _forward(listeners: list[tuple[socket.socket, int]], namespace: int) -> NoReturn:
    """The life of the process: sockets that are made from now on are on the other network."""
    from dockerlang.runtime.relaying import Relay

    try:
        kernel.set_namespace(namespace, kernel.CLONE_NEWNET)
        _keep_only({listener.fileno() for listener, _ in listeners})
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        relay = Relay(_own_address())
        for listener, port in listeners:
            relay.add(listener, port)
        relay.run()
    finally:
        os._exit(1)


def _keep_only(descriptors: set[int]) -> None:
    """Close all but these and the three streams, so that nothing of others is kept open."""
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) not in descriptors:
            try:
                os.close(int(name))
            except OSError:
                # That of the list itself.
                continue


def _own_address() -> str:
    """The address of the network's interface: who serves it must listen there, as behind docker's bridge."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        try:
            answer = fcntl.ioctl(control, _SIOCGIFADDR, struct.pack("16s24x", b"eth0"))
        except OSError:
            return "127.0.0.1"
    return socket.inet_ntoa(answer[20:24])
