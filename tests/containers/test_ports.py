"""Published ports: how they are written, which are chosen, and what comes through them."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerlang.cli.output.ports import ports_text
from dockerlang.containers.ports import Publication, all_publications, choose, parse_publication
from dockerlang.containers.settings import ContainerSettings
from dockerlang.errors import RuntimeFailure, UsageError
from dockerlang.oci.config import ContainerConfig, ImageConfig
from dockerlang.runtime.process import Port
from tests.cli.command import Command
from tests.ordinary_user import as_person, temporary_account

MAKE_STORE = """
import sys
from pathlib import Path
from dockerlang.store.store import Store
from tests.busybox import add_busybox
add_busybox(Store.open(Path(sys.argv[1])))
"""
SERVER = "mkdir /www; echo hello > /www/index.html; exec httpd -f -p 80 -h /www"


@pytest.mark.parametrize(
    ("text", "publications"),
    [
        ("80", (Publication(80),)),
        ("8080:80", (Publication(80, "tcp", "", 8080, 8080),)),
        ("8080:80/UDP", (Publication(80, "udp", "", 8080, 8080),)),
        ("127.0.0.1:8080:80", (Publication(80, "tcp", "127.0.0.1", 8080, 8080),)),
        ("127.0.0.1::80", (Publication(80, "tcp", "127.0.0.1"),)),
        ("[::1]:8080:80", (Publication(80, "tcp", "::1", 8080, 8080),)),
        ("8000-8010:80", (Publication(80, "tcp", "", 8000, 8010),)),
        ("80-81", (Publication(80), Publication(81))),
        ("8000-8001:90-91", (Publication(90, "tcp", "", 8000, 8000), Publication(91, "tcp", "", 8001, 8001))),
    ],
)
def test_a_publication(text: str, publications: tuple[Publication, ...]) -> None:
    assert parse_publication(text) == publications


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no port specified"),
        ("8080:", "no port specified"),
        ("http", "invalid containerPort: http"),
        ("0", "invalid containerPort: 0"),
        ("65536", "invalid containerPort: 65536"),
        ("x:80", "invalid hostPort: x"),
        ("90-80", "invalid containerPort: 90-80"),
        ("8000-8002:80-81", "invalid ranges"),
        ("here:80:80", "invalid IP address: here"),
        ("80/sctp", "invalid proto: sctp"),
    ],
)
def test_what_is_no_publication(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_publication(text)


def test_exposed_ports_are_published_if_they_are_not_yet() -> None:
    given = parse_publication("8080:80")
    exposed = ("80/tcp", "53/udp", "7/sctp", "x")
    assert all_publications(given, exposed, publishes_exposed=True) == (*given, Publication(53, "udp"))
    assert all_publications(given, exposed, publishes_exposed=False) == given


def test_a_free_port_is_chosen() -> None:
    with socket.create_server(("", 0)) as taken:
        first = taken.getsockname()[1]
        (chosen,) = choose([Publication(80, "tcp", "", first, first + 20)])
        assert first < chosen.host <= first + 20
        # Of a range, the other one of which another wish has.
        wishes = [Publication(80, "tcp", "", first + 1, first + 1), Publication(80, "tcp", "", first, first + 1)]
        with pytest.raises(RuntimeFailure, match="no port of the host is free for 80/tcp"):
            choose(wishes)
    several = choose(parse_publication("8000-8009/udp"))
    assert len({port.host for port in several}) == len(several) == 10


@pytest.mark.parametrize(
    ("ports", "exposed", "text"),
    [
        ((), ("80/tcp", "443/tcp", "81/tcp", "53/udp"), "80-81/tcp, 53/udp, 443/tcp"),
        ((Port(80, 8080, "0.0.0.0"),), ("80/tcp", "443/tcp"), "443/tcp, 0.0.0.0:8080->80/tcp"),
        ((Port(80, 8080, "::1"),), ("80/tcp",), "[::1]:8080->80/tcp"),
        (
            tuple(Port(number, number, "127.0.0.1") for number in (8000, 8001, 8002, 8005)),
            (),
            "127.0.0.1:8000-8002->8000-8002/tcp, 127.0.0.1:8005->8005/tcp",
        ),
    ],
)
def test_ports_in_a_row(ports: tuple[Port, ...], exposed: tuple[str, ...], text: str) -> None:
    config = ImageConfig("amd64", "linux", config=ContainerConfig(exposed_ports=exposed))
    assert ports_text(ContainerSettings(config, ports=ports)) == text


@pytest.fixture
def dockerlang(store_directory: Path, tmp_path: Path) -> Iterator[Command]:
    command = Command(store_directory, tmp_path)
    yield command
    for container in command("ps", "-aq").stdout.split():
        command("rm", "-f", container)


def answer(port: int, address: str = "127.0.0.1") -> bytes:
    """What a server in a container answers; it may need a moment to start."""
    end = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(f"http://{address}:{port}/", timeout=5) as response:
                return bytes(response.read())
        except OSError:
            if time.monotonic() > end:
                raise


def port_of(dockerlang: Command, container: str, port: str) -> int:
    return int(dockerlang("port", container, port).stdout.splitlines()[0].rpartition(":")[2])


@pytest.mark.root
@pytest.mark.namespaces
@pytest.mark.parametrize("runtime", ["namespaces", "runc"])
def test_a_server_in_the_background(dockerlang: Command, runtime: str) -> None:
    options = ["--runtime", runtime, "--name", "web", "-p", "80", "-p", "127.0.0.1::81/udp", "--expose", "443"]
    started = dockerlang("run", "-d", *options, "busybox", "sh", "-c", SERVER)
    assert (started.returncode, started.stderr) == (0, "")
    number = port_of(dockerlang, "web", "80")
    assert answer(number) == b"hello\n"
    udp = port_of(dockerlang, "web", "81/udp")

    ports = dockerlang("ps", "--format", "{{.Ports}}").stdout.strip().split(", ")
    assert {f"0.0.0.0:{number}->80/tcp", f"127.0.0.1:{udp}->81/udp", "443/tcp"} <= set(ports)
    filters = (f"publish={number}", "publish=80", "expose=443", "expose=443/udp", "network=bridge", "network=host")
    listed = [dockerlang("ps", "--filter", text, "--format", "{{.Names}}").stdout.strip() for text in filters]
    assert listed == ["web", "", "web", "", "web", ""]
    lines = dockerlang("port", "web").stdout.splitlines()
    assert {f"80/tcp -> 0.0.0.0:{number}", f"81/udp -> 127.0.0.1:{udp}"} <= set(lines)
    (document,) = json.loads(dockerlang("inspect", "web").stdout)
    published = document["NetworkSettings"]["Ports"]
    assert {"HostIp": "0.0.0.0", "HostPort": str(number)} in published["80/tcp"]
    assert published["443/tcp"] is None
    assert document["HostConfig"]["PortBindings"]["80/tcp"] == [{"HostIp": "", "HostPort": ""}]
    assert document["HostConfig"]["NetworkMode"] == "bridge"
    assert set(document["Config"]["ExposedPorts"]) == {"80/tcp", "81/udp", "443/tcp"}
    assert dockerlang("commit", "web", "made").returncode == 0
    kept = json.loads(dockerlang("inspect", "--type", "image", "made").stdout)[0]["Config"]["ExposedPorts"]
    assert set(kept) == {"80/tcp", "81/udp", "443/tcp"}
    assert dockerlang("rmi", "made").returncode == 0
    missing = dockerlang("port", "web", "82")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "No public port '82/tcp' published for web" in missing.stderr

    for options in (["-d"], ["--rm"]):
        taken = dockerlang("run", *options, "-p", f"{number}:80", "busybox", "true")
        assert (taken.returncode, taken.stdout) == (125, "")
        assert f"Bind for 0.0.0.0:{number} failed: port is already allocated" in taken.stderr

    assert dockerlang("kill", "web").returncode == 0
    assert (dockerlang("port", "web").stdout, dockerlang("ps", "-a", "--format", "{{.Ports}}").stdout.strip()) == (
        "",
        "",
    )
    # The port is free again at once, also after an end by force.
    again = dockerlang("run", "-d", "--name", "again", "-p", f"{number}:80", "busybox", "sh", "-c", SERVER)
    assert again.returncode == 0, again.stderr
    assert answer(number) == b"hello\n"
    assert dockerlang("rm", "-f", "again").returncode == 0
    with socket.create_server(("", number)):
        pass


@pytest.mark.root
@pytest.mark.namespaces
def test_the_network_of_a_container(dockerlang: Command) -> None:
    script = "readlink /proc/self/ns/net; cat /proc/net/dev | grep -c eth0; tail -n 1 /etc/hosts; hostname"
    own = dockerlang("run", "--rm", "-h", "box", "busybox", "sh", "-c", script)
    assert own.returncode == 0, own.stderr
    namespace, *rest = own.stdout.splitlines()
    assert rest == ["1", "127.0.1.1\tbox", "box"]
    assert namespace != Path("/proc/self/ns/net").readlink().name
    assert own.stderr == ""
    host = dockerlang("run", "--rm", "--network", "host", "-p", "80:80", "busybox", "readlink", "/proc/self/ns/net")
    assert host.stdout.strip() == Path("/proc/self/ns/net").readlink().name
    assert host.stderr == "warning: published ports are discarded with --network host\n"


@pytest.mark.root
def test_all_that_is_exposed(dockerlang: Command) -> None:
    started = dockerlang("run", "-d", "--name", "all", "-P", "--expose", "80", "busybox", "sh", "-c", SERVER)
    assert started.returncode == 0, started.stderr
    assert answer(port_of(dockerlang, "all", "80/tcp")) == b"hello\n"


@pytest.mark.root
def test_without_pasta(dockerlang: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    reason = "the program pasta is not on PATH"
    for options in ([], ["-d"]):
        done = dockerlang("run", *options, "busybox", "readlink", "/proc/self/ns/net")
        assert (done.returncode, done.stderr) == (0, f"warning: the container has the host's network: {reason}\n")
    for options, message in (
        (["-p", "80"], f"cannot publish ports: {reason}"),
        (["--network", "bridge"], f"cannot set up the network: {reason}"),
        (["--sysctl", "net.core.somaxconn=100"], "sysctl 'net.core.somaxconn' would change the host's network"),
    ):
        done = dockerlang("run", "--rm", *options, "busybox", "true")
        assert (done.returncode, done.stdout) == (125, "")
        assert message in done.stderr


@pytest.mark.root
@pytest.mark.namespaces
def test_a_port_of_an_ordinary_user() -> None:
    with temporary_account() as (uid, gid), as_person(uid, gid) as person:
        store = str(person.directory / "store")

        def dockerlang(*arguments: str) -> subprocess.CompletedProcess[str]:
            return person.python("-m", "dockerlang", "--root", store, *arguments)

        assert person.python("-c", MAKE_STORE, store).returncode == 0
        # It answers once, and ends with that.
        script = "printf 'HTTP/1.0 200 OK\\r\\n\\r\\nhello\\n' | nc -l -p 80"
        options = ["--name", "web", "-p", "127.0.0.1::80"]
        done: list[subprocess.CompletedProcess[str]] = []
        thread = threading.Thread(
            target=lambda: done.append(dockerlang("run", *options, "busybox", "sh", "-c", script))
        )
        thread.start()
        end = time.monotonic() + 20
        while not (place := dockerlang("port", "web", "80").stdout.strip()):
            assert time.monotonic() < end
        assert f"{place}->80/tcp" in dockerlang("ps").stdout
        taken = dockerlang("run", "--rm", "-p", f"{place}:80", "busybox", "true")
        assert (taken.returncode, f"Bind for {place} failed: port is already allocated" in taken.stderr) == (125, True)
        privileged = dockerlang("run", "--rm", "-p", "127.0.0.1:1:80", "busybox", "true")
        assert privileged.returncode == 125
        assert "Bind for 127.0.0.1:1 failed: Permission denied" in privileged.stderr
        number = int(place.rpartition(":")[2])
        assert answer(number) == b"hello\n"
        thread.join()
        assert (done[0].returncode, done[0].stderr) == (0, "")
        with socket.create_server(("127.0.0.1", number)):
            pass
