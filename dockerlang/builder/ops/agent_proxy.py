"""A socket that stands for an ssh agent while a step runs: it belongs to whom the mount says, and keys can but be used.

As in the reference, a step may ask the agent for its keys and for signatures. It cannot add or remove keys or lock the
agent. The protocol is that of draft-miller-ssh-agent: each message is a length and a type with its content, and each
request has one answer.
"""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dockerlang.errors import RuntimeFailure

_REQUEST_IDENTITIES, _SIGN_REQUEST = 11, 13
_FAILURE = struct.pack(">IB", 1, 5)
_LARGEST_MESSAGE = 256 << 10  # bytes; what OpenSSH takes
_MOST_CONNECTIONS = 64


@contextmanager
def agent_proxy(agent: Path, directory: Path, *, mode: int, uid: int, gid: int) -> Iterator[Path]:
    """The path of a socket in `directory`, behind which is the agent until the block ends.

    Raises RuntimeFailure where the socket cannot be given to that user.
    """
    place = directory / "agent"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        _bind(listening, place)
        try:
            os.chown(place, uid, gid)
        except OSError as error:
            raise RuntimeFailure(
                f"cannot give the ssh agent's socket to {uid}:{gid}: {error.strerror}",
                hint="give your user 65536 ids in /etc/subuid and in /etc/subgid",
            ) from None
        os.chmod(place, mode)
        listening.listen()
        proxy = _Proxy(listening, agent)
        acceptor = threading.Thread(target=proxy.accept, name="ssh agent", daemon=True)
        acceptor.start()
        try:
            yield place
        finally:
            proxy.close()
            acceptor.join()


def _bind(listening: socket.socket, place: Path) -> None:
    """Bind to a path of any length; the kernel takes 107 bytes, and a store may lie deep."""
    directory = os.open(place.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        listening.bind(f"/proc/self/fd/{directory}/{place.name}")
    finally:
        os.close(directory)


class _Proxy:
    """Answers on every connection in a thread of its own, until `close`."""

    def __init__(self, listening: socket.socket, agent: Path) -> None:
        self._listening = listening
        self._agent = agent
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_closed = False

    def accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            if self._admit(client):
                threading.Thread(target=self._serve, args=(client,), name="ssh agent", daemon=True).start()
            else:
                client.close()

    def close(self) -> None:
        """Wake whoever waits; each closes what is its own."""
        with self._lock:
            self._is_closed = True
            for connection in (self._listening, *self._open):
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _admit(self, connection: socket.socket) -> bool:
        with self._lock:
            if self._is_closed or len(self._open) >= 2 * _MOST_CONNECTIONS:
                return False
            self._open.add(connection)
            return True

    def _serve(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as agent:
            try:
                if self._admit(agent):
                    agent.connect(str(self._agent))
                    while (request := _message(client)) is not None:
                        answer = _answer(request, agent)
                        if answer is None:
                            break
                        client.sendall(answer)
            except OSError:
                # Either side has gone, or the step has ended.
                return
            finally:
                with self._lock:
                    self._open -= {client, agent}


def _answer(request: bytes, agent: socket.socket) -> bytes | None:
    """The agent's answer, or a refusal of what a step must not do; None where the agent has gone."""
    if request[4] not in {_REQUEST_IDENTITIES, _SIGN_REQUEST}:
        return _FAILURE
    agent.sendall(request)
    return _message(agent)


def _message(connection: socket.socket) -> bytes | None:
    """The next message with its length in front; None at the end, and for what is no message."""
    head = _exactly(connection, 4)
    if head is None:
        return None
    length = int(struct.unpack(">I", head)[0])
    if not 0 < length <= _LARGEST_MESSAGE:
        return None
    body = _exactly(connection, length)
    return None if body is None else head + body


def _exactly(connection: socket.socket, length: int) -> bytes | None:
    data = bytearray()
    while len(data) < length:
        block = connection.recv(length - len(data))
        if not block:
            return None
        data += block
    return bytes(data)
