"""What processes on `Network.BRIDGE` see of a host and of the world behind it, as JSON.

Run as a program, as root or as an ordinary user. Arguments: an empty directory, the runtime's name, and a function.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
import threading
import time
from pathlib import Path

from dockerlang.runtime import name_files, rootless
from dockerlang.runtime.namespaces import NamespaceRuntime
from dockerlang.runtime.oci import runtime_called
from dockerlang.runtime.output import Stream
from dockerlang.runtime.process import Bind, Network, Port, Process
from dockerlang.runtime.root import Root
from dockerlang.runtime.running import ProcessNotStarted
from tests.network_clients import ask_until_it_answers, echo
from tests.network_host import ADDRESS, ELSEWHERE, be_a_host, serve_file, serve_names, serve_word, use_resolver
from tests.runtime.busybox_tree import PATH, make_tree

# What it reads from never ends: to say at once that nothing will come confuses some versions of pasta.
_LISTEN = "mkfifo /tmp/never; exec 0<> /tmp/never; nc -w 2"
# This interpreter and its libraries, for want of a small program that answers datagrams.
_PYTHON = tuple(Bind(path, Path(path)) for path in ("/usr", "/lib", "/lib64", sys.base_prefix) if os.path.isdir(path))
_SERVER = """import socket, threading
def echo(connection):
    while data := connection.recv(1 << 18):
        connection.sendall(data)
    connection.close()
def serve(server):
    while True:
        threading.Thread(target=echo, args=(server.accept()[0],), daemon=True).start()
for port in (80, 81, 82):
    threading.Thread(target=serve, args=(socket.create_server(("", port)),), daemon=True).start()
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagrams.bind(("", 53))
data = b""
while data != b"end":
    data, client = datagrams.recvfrom(100)
    datagrams.sendto(data, client)"""
_SIZE = 200 << 20
_LOOK_UP = (
    f"{os.path.realpath(sys.executable)} -c \"import socket; print(socket.getaddrinfo('answer.example', 80)[0][4][0])\""
)
_STEPS = {
    "interfaces": "ip -o link | cut -d: -f2; ip -o addr show | grep -c 192.0.2.10",
    "elsewhere": f"{_LISTEN} {ELSEWHERE} 4000",
    "loopback": f"{_LISTEN} 127.0.0.1 4001 2> /dev/null || echo none",
    "gateway": f"{_LISTEN} 192.0.2.1 4001 2> /dev/null || echo none",
    "name": _LOOK_UP,
    "power": "ip link set lo down 2> /dev/null || echo denied",
}


class Session:
    """Runs scripts, each in a new root."""

    def __init__(self, runtime: NamespaceRuntime, directory: Path, tree: Path) -> None:
        self._runtime = runtime
        self._directory = directory
        self._tree = tree

    def run(
        self,
        name: str,
        script: str,
        *ports: Port,
        stdin: int | None = None,
        has_spoken: threading.Event | None = None,
    ) -> list[object]:
        """Exit status and output."""
        root = Root.create(self._directory / name, (self._tree,))
        output: list[bytes] = []

        def sink(_: Stream, data: bytes) -> None:
            output.append(data)
            if has_spoken is not None:
                has_spoken.set()

        mounts = (*name_files.for_build_step("box", Network.BRIDGE), *_PYTHON)
        process = Process(("sh", "-c", script), (PATH,), network=Network.BRIDGE, ports=ports, mounts=mounts)
        try:
            status = self._runtime.run(process, root, sink=sink, timeout=30, stdin=stdin)
        except ProcessNotStarted as error:
            return [error.exit_code, f"{error}; {error.hint}"]
        return [status, b"".join(output).decode()]


def world(session: Session) -> dict[str, object]:
    """What can be reached, and what cannot."""
    serve_word(ELSEWHERE, 4000, b"from elsewhere")
    serve_word("127.0.0.1", 4001, b"from the loopback")
    serve_names("127.0.0.53")
    return {name: session.run(name, script) for name, script in _STEPS.items()}


def resolver(session: Session, directory: Path) -> dict[str, object]:
    """Names from a resolver that is not on the host's loopback, asked as the C library does: twice in one moment."""
    use_resolver(ELSEWHERE, directory)
    serve_names(ELSEWHERE)
    names = "; ".join(f"print(socket.getaddrinfo('{name}.example', 80)[0][4][0])" for name in "abc")
    script = f'cat /etc/resolv.conf; {os.path.realpath(sys.executable)} -c "import socket; {names}"'
    return {"names": session.run("names", script)}


def download(session: Session) -> dict[str, object]:
    """How many bytes arrive of a large file, and in how many seconds; three times, since some attempts stall."""
    serve_file(ELSEWHERE, 4002, _SIZE)
    script = f"wget -q -O - http://{ELSEWHERE}:4002/ | wc -c"
    started = time.monotonic()
    received = [session.run(f"download{number}", script) for number in range(3)]
    return {"received": received, "seconds": time.monotonic() - started}


def networks(session: Session) -> dict[str, object]:
    """Which namespaces there are: of one process after the other, of two at once, and after the end of all pastas."""
    script = "readlink /proc/self/ns/net"
    results: dict[str, object] = {"first": session.run("first", script), "second": session.run("second", script)}
    reading, writing = os.pipe()
    has_spoken = threading.Event()

    def run_long() -> None:
        results["long"] = session.run("long", f"{script}; read line", stdin=reading, has_spoken=has_spoken)

    long = threading.Thread(target=run_long)
    long.start()
    has_spoken.wait()
    results["meanwhile"] = session.run("meanwhile", script)
    os.close(writing)
    long.join()
    killed = pastas()
    for pid in killed:
        handle = os.pidfd_open(pid)
        os.kill(pid, signal.SIGKILL)
        select.select([handle], [], [])
        os.close(handle)
    return {**results, "killed": len(killed), "later": session.run("later", script)[0], "new": len(pastas())}


def ports(session: Session) -> dict[str, object]:
    """Words that come through ports of the host, and what is said of a port that is taken."""
    script = f"{os.path.realpath(sys.executable)} -c '{_SERVER}'"
    answers: list[object] = []
    forwarded = (Port(80, 8080), Port(53, 5353, protocol="udp"), Port(81, 8081, "127.0.0.1"), Port(82, 8082, "::1"))
    thread = threading.Thread(target=lambda: answers.append(session.run("ports", script, *forwarded)))
    thread.start()
    words = {
        f"{kind} {address}": ask_until_it_answers(kind, (address, port))
        for address in ("127.0.0.1", ELSEWHERE, ADDRESS, "::1")
        for kind, port in (("tcp", 8080), ("udp", 5353))
    }
    words["only there"] = ask_until_it_answers("tcp", ("127.0.0.1", 8081))
    words["only with IPv6"] = ask_until_it_answers("tcp", ("::1", 8082))
    refused = [socket.socket().connect_ex((ELSEWHERE, 8081)), socket.socket().connect_ex(("127.0.0.1", 8082))]
    echoed = echo(("127.0.0.1", 8080), _SIZE // 8)
    ask_until_it_answers("udp", ("127.0.0.1", 5353), b"end")
    thread.join()
    with socket.create_server(("", 8080)):
        taken = session.run("taken", "true", Port(80, 8080))
    return {
        "words": words,
        "refused": refused,
        "echo": echoed,
        "answer": answers[0],
        "taken": taken,
        "nowhere": session.run("nowhere", "true", Port(80, 8080, "192.0.2.77")),
        "free": session.run("free", "true", Port(80, 8080), Port(53, 5353, protocol="udp")),
    }


def killed(directory: Path, tree: Path, name: str) -> dict[str, object]:
    """How many pastas there are before and after SIGKILL for a program that runs a process."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with runtime_called(name) as runtime:
            Session(runtime, directory, tree).run("killed", "cat", stdin=_ready_then_never(writing, runtime))
        os._exit(0)
    os.read(reading, 1)
    found = pastas()
    handles = [os.pidfd_open(pid) for pid in found]
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    ended = [handle for handle in handles if select.select([handle], [], [], 10)[0]]
    return {"before": len(found), "after": len(found) - len(ended)}


def _ready_then_never(writing: int, runtime: NamespaceRuntime) -> int:
    """Tell that there is a pasta; an input that never ends."""
    assert runtime.reason_against_network() == ""
    os.write(writing, b"!")
    return os.pipe()[0]


def pastas() -> list[int]:
    """The processes of pasta in this network namespace."""
    own = os.readlink("/proc/self/ns/net")
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.readlink(entry / "ns/net") == own:
                command = (entry / "cmdline").read_bytes()
                found += [int(entry.name)] if b"pasta\0--foreground" in command else []
        except OSError:
            continue
    return found


def main() -> None:
    directory, name, function = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    rootless.enter()
    directory.mkdir(exist_ok=True)
    be_a_host()
    use_resolver("127.0.0.53", directory)
    tree = make_tree(directory / "tree")
    if function == "killed":
        print(json.dumps(killed(directory, tree, name)))
        return
    with runtime_called(name) as runtime:
        session = Session(runtime, directory, tree)
        if function == "resolver":
            results = resolver(session, directory)
        else:
            results = {"world": world, "networks": networks, "ports": ports, "download": download}[function](session)
        results["reason"] = runtime.reason_against_network()
    results["left"] = pastas()
    print(json.dumps(results))


if __name__ == "__main__":
    main()
