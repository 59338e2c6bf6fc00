"""What a step can do with an ssh agent: use its keys, if it is who the mount says, and nothing else."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerlang.builder.ops.agent_proxy import agent_proxy
from tests.builder.disturbance import Workshop

REQUEST_IDENTITIES, SIGN_REQUEST, FAILURE = 11, 13, 5
_CHANGES = {"remove": 18, "remove all": 19, "add": 17, "add with limits": 25, "lock": 22, "extension": 27}


def message(kind: int, content: bytes = b"") -> bytes:
    return struct.pack(">IB", 1 + len(content), kind) + content


class Agent:
    """Answers each request with the next type and its content turned around; remembers all requests."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.requests: list[bytes] = []
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as reading:
            while head := reading.read(4):
                body = reading.read(int.from_bytes(head, "big"))
                self.requests.append(body)
                client.sendall(message(body[0] + 1, body[:0:-1]))


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    running = Agent(tmp_path / "real")
    yield running
    running.close()


def ask(path: Path, *requests: bytes) -> list[bytes]:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(path))
        client.sendall(b"".join(requests))
        reading = client.makefile("rb")
        return [reading.read(int.from_bytes(reading.read(4), "big")) for _ in requests]


def is_at_end(client: socket.socket) -> bool:
    """Whether the other side has hung up, having read all that it was sent or not."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def proxied(agent: Agent, directory: Path) -> Path:
    place = directory / "proxy"
    place.mkdir()
    return place


def test_keys_are_listed_and_used(agent: Agent, tmp_path: Path) -> None:
    large = bytes(range(256)) * 500
    with agent_proxy(agent.path, proxied(agent, tmp_path), mode=0o600, uid=os.geteuid(), gid=os.getegid()) as path:
        assert ask(path, message(REQUEST_IDENTITIES), message(SIGN_REQUEST, large)) == [b"\x0c", b"\x0e" + large[::-1]]
        assert ask(path, message(REQUEST_IDENTITIES)) == [b"\x0c"]


@pytest.mark.parametrize("kind", _CHANGES.values(), ids=_CHANGES)
def test_the_agent_cannot_be_changed(agent: Agent, tmp_path: Path, kind: int) -> None:
    with agent_proxy(agent.path, proxied(agent, tmp_path), mode=0o600, uid=os.geteuid(), gid=os.getegid()) as path:
        answers = ask(path, message(kind, b"key"), message(REQUEST_IDENTITIES))
    assert answers == [bytes([FAILURE]), b"\x0c"]
    assert agent.requests == [bytes([REQUEST_IDENTITIES])]


@pytest.mark.parametrize("nonsense", [b"\0\0\0\0", b"\xff\xff\xff\xff\x0b", b"\0\0\0\x09\x0b"])
def test_nonsense_ends_the_connection_and_nothing_else(agent: Agent, tmp_path: Path, nonsense: bytes) -> None:
    with agent_proxy(agent.path, proxied(agent, tmp_path), mode=0o600, uid=os.geteuid(), gid=os.getegid()) as path:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            client.sendall(nonsense)
            client.shutdown(socket.SHUT_WR)
            assert is_at_end(client)
        assert ask(path, message(REQUEST_IDENTITIES)) == [b"\x0c"]
    assert agent.requests == [bytes([REQUEST_IDENTITIES])]


def test_nothing_is_left_to_talk_to(agent: Agent, tmp_path: Path) -> None:
    with agent_proxy(agent.path, proxied(agent, tmp_path), mode=0o600, uid=os.geteuid(), gid=os.getegid()) as path:
        client = socket.socket(socket.AF_UNIX)
        client.connect(str(path))
        client.sendall(message(REQUEST_IDENTITIES))
        assert client.recv(5) == message(12)
    assert client.recv(1) == b""
    client.close()
    with pytest.raises(ConnectionRefusedError):
        ask(path, message(REQUEST_IDENTITIES))


def test_an_agent_that_is_gone_is_the_end_of_a_connection(tmp_path: Path) -> None:
    (tmp_path / "proxy").mkdir()
    with (
        agent_proxy(tmp_path / "no", tmp_path / "proxy", mode=0o600, uid=os.geteuid(), gid=os.getegid()) as path,
        socket.socket(socket.AF_UNIX) as client,
    ):
        client.connect(str(path))
        assert client.recv(1) == b""


def test_a_store_may_lie_deep(agent: Agent, tmp_path: Path) -> None:
    deep = tmp_path / "/".join(["a long name of a directory"] * 6)
    deep.mkdir(parents=True)
    with agent_proxy(agent.path, deep, mode=0o640, uid=os.geteuid(), gid=os.getegid()) as path:
        assert path.stat().st_mode & 0o7777 == 0o640


_CONNECT = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"


@pytest.mark.root
@pytest.mark.parametrize(
    ("uid", "gid", "mode", "may"), [(1234, 0, 0o600, True), (0, 1234, 0o660, True), (0, 0, 0o600, False)]
)
def test_the_socket_is_for_whom_the_mount_says(agent: Agent, uid: int, gid: int, mode: int, may: bool) -> None:
    # Where an ordinary user may go at all.
    directory = Path(f"/tmp/dockerlang-test-agent-{os.getpid()}")
    directory.mkdir(0o755)
    try:
        with agent_proxy(agent.path, directory, mode=mode, uid=uid, gid=gid) as path:
            command = ["/usr/bin/env", "python3", "-c", _CONNECT, str(path)]
            done = subprocess.run(command, user=1234, group=1234, extra_groups=[], capture_output=True, check=False)
        assert (done.returncode == 0) is may, done.stderr
    finally:
        (directory / "agent").unlink()
        directory.rmdir()


@pytest.mark.root
def test_a_mount_gives_the_socket_to_a_user(tmp_path: Path, agent: Agent) -> None:
    workshop = Workshop.make(tmp_path)
    workshop.write(
        "FROM busybox\nUSER 1000\n"
        "RUN --mount=type=ssh,uid=1000,gid=7,mode=0620 stat -c 'socket %F %u:%g %a' $SSH_AUTH_SOCK\n"
        "RUN --mount=type=ssh,target=/run/agent stat -c 'default %F %u:%g %a' /run/agent\n"
    )
    code, output, errors = workshop("build", "--progress", "plain", "--ssh", f"default={agent.path}", ".")
    output += errors
    assert code == 0, output
    assert "socket socket 1000:7 620" in output
    assert "default socket 0:0 600" in output
