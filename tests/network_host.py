"""A network namespace that plays the host for tests of networks: nothing in it depends on this machine's own network.

Run as a program it becomes such a host and executes the command that it is given.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

from dockerlang.runtime import kernel

ELSEWHERE = "198.51.100.7"
"""An address (RFC 5737) that plays the rest of the world: only the host has it, and pasta leads there."""
ADDRESS = "192.0.2.10"
"""That of the host's interface, behind which nothing is."""
_COMMANDS = (
    "ip link set lo up",
    f"ip addr add {ADDRESS}/24 dev world",
    "ip link set world up",
    "ip route add default via 192.0.2.1",
    f"ip addr add {ELSEWHERE}/32 dev lo",
)
_TUNSETIFF, _TUNSETPERSIST, _TAP = 0x400454CA, 0x400454CB, 0x1002


def be_a_host() -> None:
    """Enter namespaces of the network and of mounts, with an interface and a default route; needs root there."""
    kernel.unshare(kernel.CLONE_NEWNET | kernel.CLONE_NEWNS)
    kernel.mount("", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
    with open("/dev/net/tun", "r+b", buffering=0) as interface:
        fcntl.ioctl(interface, _TUNSETIFF, struct.pack("16sH22x", b"world", _TAP))
        fcntl.ioctl(interface, _TUNSETPERSIST, 1)
    for command in _COMMANDS:
        subprocess.run(["busybox", *command.split()], check=True)


def use_resolver(address: str, directory: Path) -> None:
    """Let the host's `resolv.conf` name this address alone; the file is made in `directory`."""
    resolver = directory / "resolv.conf"
    resolver.write_text(f"nameserver {address}\noptions timeout:2\n")
    kernel.mount(resolver, os.path.realpath("/etc/resolv.conf"), "", kernel.MS_BIND)


def serve_word(address: str, port: int, word: bytes) -> None:
    """Say a word to whoever connects, in a thread of its own."""
    server = socket.create_server((address, port))

    def serve() -> None:
        while True:
            with server.accept()[0] as connection:
                connection.sendall(word)

    threading.Thread(target=serve, daemon=True).start()


def serve_file(address: str, port: int, size: int) -> None:
    """Answer every request of HTTP with so many zeros, in a thread of its own."""
    server = socket.create_server((address, port))
    zeros = os.memfd_create("zeros")
    os.truncate(zeros, size)

    def serve() -> None:
        while True:
            with server.accept()[0] as connection, open(zeros, "rb", closefd=False) as file:
                connection.recv(1 << 16)
                connection.sendall(f"HTTP/1.0 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
                connection.sendfile(file)

    threading.Thread(target=serve, daemon=True).start()


def serve_names(address: str) -> None:
    """A resolver for which every name has the address 203.0.113.9 and no other, in a thread of its own."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((address, 53))

    def serve() -> None:
        while True:
            query, sender = server.recvfrom(512)
            end = query.index(b"\0", 12) + 5
            answer = b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + bytes((203, 0, 113, 9)) if query[end - 3] == 1 else b""
            header = query[:2] + b"\x81\x80\0\1" + (b"\0\1" if answer else b"\0\0") + b"\0\0\0\0"
            server.sendto(header + query[12:end] + answer, sender)

    threading.Thread(target=serve, daemon=True).start()


if __name__ == "__main__":
    be_a_host()
    os.execvp(sys.argv[1], sys.argv[1:])
