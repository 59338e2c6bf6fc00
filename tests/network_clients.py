"""Clients for tests of networks: they ask servers in a process's network through ports of the host."""

from __future__ import annotations

import os
import socket
import threading
import time


def ask_until_it_answers(kind: str, address: tuple[str, int], question: bytes = b"?") -> str:
    """What a server of the kind `tcp` or `udp` answers, which may not be there yet."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM) as client:
            client.settimeout(0.5)
            try:
                # Connected, so that only an answer from the address that was asked counts.
                client.connect(address)
                client.sendall(question)
                answer = client.recv(100)
            except OSError:
                answer = b""
            if answer:
                return answer.decode()
        time.sleep(0.02)
    return "no answer"


def echo(address: tuple[str, int], size: int) -> int:
    """Send so many bytes, say that this is all, and count what comes back meanwhile and after that."""
    sent = os.urandom(1 << 16) * (size >> 16)
    received = bytearray()
    with socket.create_connection(address, 20) as client:

        def send() -> None:
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=send)
        sender.start()
        while data := client.recv(1 << 20):
            received += data
        sender.join()
    return len(received) if received == sent else -1
