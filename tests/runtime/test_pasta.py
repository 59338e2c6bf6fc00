from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dockerlang.runtime.name_files import FORWARDED_RESOLVER, resolver_configuration
from dockerlang.runtime.namespaces import NamespaceRuntime
from dockerlang.runtime.process import Network
from tests.network_host import ELSEWHERE
from tests.ordinary_user import as_person, temporary_account

pytestmark = [pytest.mark.namespaces, pytest.mark.root]


def session(directory: Path, runtime: str, function: str) -> dict[str, Any]:
    arguments = [sys.executable, "-m", "tests.runtime.network_session", str(directory / "box"), runtime, function]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def check_world(result: dict[str, Any]) -> None:
    assert result["reason"] == ""
    assert result["interfaces"] == [0, " lo\n eth0\n1\n"]
    assert result["elsewhere"] == [0, "from elsewhere"]
    assert result["loopback"] == result["gateway"] == [0, "none\n"]
    assert result["name"] == [0, "203.0.113.9\n"]
    assert result["power"] == [0, "denied\n"]
    assert result["left"] == []


@pytest.mark.parametrize("runtime", ["namespaces", "runc"])
def test_what_is_to_be_reached(tmp_path: Path, runtime: str) -> None:
    check_world(session(tmp_path, runtime, "world"))


def test_an_ordinary_user_reaches_the_same() -> None:
    with temporary_account() as (uid, gid), as_person(uid, gid) as person:
        done = person.python("-m", "tests.runtime.network_session", str(person.directory / "n"), "namespaces", "world")
        assert done.returncode == 0, done.stderr
        check_world(json.loads(done.stdout))


def test_names_come_from_a_resolver_elsewhere(tmp_path: Path) -> None:
    result = session(tmp_path, "namespaces", "resolver")
    assert result["names"] == [0, f"nameserver {ELSEWHERE}\noptions timeout:2\n" + 3 * "203.0.113.9\n"]


def test_large_files_arrive_quickly(tmp_path: Path) -> None:
    result = session(tmp_path, "namespaces", "download")
    assert result["received"] == 3 * [[0, f"{200 << 20}\n"]]
    # Without a network of its own it takes about one.
    assert result["seconds"] < 15


def test_processes_take_turns_and_never_share(tmp_path: Path) -> None:
    result = session(tmp_path, "namespaces", "networks")
    assert result["first"] == result["second"]
    assert result["long"][1] != result["meanwhile"][1]
    # Both pastas were killed: the next process has a new one.
    assert (result["killed"], result["later"], result["new"], result["left"]) == (2, 0, 1, [])


@pytest.mark.parametrize("runtime", ["namespaces", "runc"])
def test_ports(tmp_path: Path, runtime: str) -> None:
    check_ports(session(tmp_path, runtime, "ports"))


def test_ports_of_an_ordinary_user() -> None:
    with temporary_account() as (uid, gid), as_person(uid, gid) as person:
        done = person.python("-m", "tests.runtime.network_session", str(person.directory / "n"), "namespaces", "ports")
        assert done.returncode == 0, done.stderr
        check_ports(json.loads(done.stdout))


def check_ports(result: dict[str, Any]) -> None:
    assert set(result["words"].values()) == {"?"}, result["words"]
    assert result["refused"] == 2 * [errno.ECONNREFUSED]
    assert result["echo"] == 25 << 20
    assert result["taken"][0] == result["nowhere"][0] == 125
    assert result["taken"][1].startswith("Bind for 0.0.0.0:8080 failed: port is already allocated; another process")
    assert result["nowhere"][1].startswith("Bind for 192.0.2.77:8080 failed: Cannot assign requested address; ")
    assert (result["answer"], result["free"], result["left"]) == ([0, ""], [0, ""], [])


def test_without_pasta_there_is_the_network_of_the_host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with NamespaceRuntime() as runtime:
        assert runtime.reason_against_network() == "the program pasta is not on PATH"
        assert runtime.default_network() is Network.HOST


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ("nameserver 127.0.0.53\nsearch a", f"search a\nnameserver {FORWARDED_RESOLVER}\n"),
        ("nameserver ::1\nnameserver 192.0.2.1\n", "nameserver 192.0.2.1\n"),
        ("", f"nameserver {FORWARDED_RESOLVER}\n"),
    ],
)
def test_a_resolver_on_the_loopback_has_another_address(tmp_path: Path, given: str, seen: str) -> None:
    (tmp_path / "resolv.conf").write_text(given)
    assert resolver_configuration(Network.BRIDGE, tmp_path / "resolv.conf").decode() == seen


def test_no_pasta_outlives_a_caller_that_is_killed(tmp_path: Path) -> None:
    arguments = [sys.executable, "-m", "tests.runtime.network_session", str(tmp_path / "box"), "namespaces", "killed"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["before"], result["after"]) == (1, 0)
