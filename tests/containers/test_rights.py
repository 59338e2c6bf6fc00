"""docker's options about rights and names, as they are read and as they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlang.containers import rights
from dockerlang.errors import DockerlangError
from dockerlang.runtime.name_files import Resolver, for_container
from dockerlang.runtime.process import CONFINED, PRIVILEGED, Device, Network, Security


@pytest.mark.parametrize(
    ("texts", "security"),
    [
        ((), CONFINED),
        (("no-new-privileges",), Security(may_gain_privileges=False)),
        (("no-new-privileges:true", "seccomp=unconfined"), Security(is_filtered=False, may_gain_privileges=False)),
        (("systempaths=unconfined", "apparmor=unconfined", "label=disable"), Security(hides_machine=False)),
    ],
)
def test_security_options(texts: tuple[str, ...], security: Security) -> None:
    assert rights.security(texts, is_privileged=False) == security


def test_a_privileged_process_may_be_filtered_again() -> None:
    assert rights.security((), is_privileged=True) == PRIVILEGED
    assert rights.security(("seccomp=builtin",), is_privileged=True) == Security(hides_machine=False)


@pytest.mark.parametrize("text", ["", "nonsense", "seccomp=/my.json", "apparmor=mine", "label=type:x"])
def test_what_nothing_would_obey_is_refused(text: str) -> None:
    with pytest.raises(DockerlangError):
        rights.security((text,), is_privileged=False)


def test_devices() -> None:
    assert rights.devices(("/dev/null", "/dev/zero:/dev/x", "/dev/full:rw"), is_privileged=False) == (
        Device("/dev/null", Path("/dev/null")),
        Device("/dev/x", Path("/dev/zero")),
        Device("/dev/full", Path("/dev/full")),
    )


@pytest.mark.parametrize(
    "text", ["null", "/dev/null:r", "/dev/null:/a:/b", "/etc/passwd", "/dev/nosuch", "/dev/null:x"]
)
def test_devices_that_cannot_be(text: str) -> None:
    with pytest.raises(DockerlangError):
        rights.devices((text,), is_privileged=False)


@pytest.mark.parametrize(
    ("text", "has_own_network", "is_taken"),
    [
        ("net.ipv4.ip_forward=1", True, True),
        ("net.ipv4.ip_forward=1", False, False),
        ("kernel.shmmni=5", False, True),
        ("fs.mqueue.queues_max=5", False, True),
        ("vm.swappiness=1", True, False),
        ("kernel.hostname", True, False),
        ("net/../vm=1", True, False),
    ],
)
def test_kernel_parameters(text: str, has_own_network: bool, is_taken: bool) -> None:
    if is_taken:
        assert "=".join(rights.sysctl(text, has_own_network=has_own_network)) == text
    else:
        with pytest.raises(DockerlangError):
            rights.sysctl(text, has_own_network=has_own_network)


@pytest.mark.parametrize(
    ("resolver", "lines"),
    [
        (Resolver(), ["nameserver 1.1.1.1", "search a.b", "options ndots:2"]),
        (Resolver(servers=("9.9.9.9",)), ["search a.b", "options ndots:2", "nameserver 9.9.9.9"]),
        (Resolver(searches=(".",)), ["nameserver 1.1.1.1", "options ndots:2"]),
        (Resolver(searches=("x", "y"), options=("rotate",)), ["nameserver 1.1.1.1", "search x y", "options rotate"]),
    ],
)
def test_resolver(tmp_path: Path, resolver: Resolver, lines: list[str]) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text("nameserver 1.1.1.1\nsearch a.b\noptions ndots:2\n")
    files = for_container("box", Network.HOST, (), resolver, file)
    content = next(made.content for made in files if made.target == "/etc/resolv.conf")
    assert content.decode().splitlines() == lines
