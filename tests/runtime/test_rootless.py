from __future__ import annotations

import json
import pwd
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.ordinary_user import Person, as_person, temporary_account

pytestmark = [pytest.mark.namespaces, pytest.mark.root]


@pytest.fixture(scope="module")
def user() -> Iterator[Person]:
    """A user with ranges in /etc/subuid and /etc/subgid."""
    with temporary_account() as (uid, gid), as_person(uid, gid) as person:
        yield person


@pytest.fixture(scope="module")
def nobody() -> Iterator[Person]:
    """A user without ranges."""
    account = pwd.getpwnam("nobody")
    with as_person(account.pw_uid, account.pw_gid) as person:
        yield person


def session(person: Person, name: str, *steps: str) -> dict[str, Any]:
    done = person.python("-m", "tests.runtime.rootless_session", str(person.directory / name), *steps)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_a_user_with_ranges_has_all_that_root_has(user: Person) -> None:
    script = "id -u; echo x > /tmp/own; grep -c ' / overlay .*userxattr' /proc/mounts"
    work = "rm -r /home; mkdir /home; touch /home/n; rm /etc/group; chown 1000:2000 /root; chmod 4755 /bin/busybox"
    result = session(user, "ranges", "www", script, "", work, "0:7", "cat /proc/self/uid_map /dev/null | wc -l")
    assert (result["warning"], result["is_native"]) == ("", False)
    first, second, third = result["steps"]
    assert (first["status"], first["output"]) == (0, "1000\n1\n")
    assert first["changes"] == [["tmp", 0, 0, "0o1777"], ["tmp/own", 1000, 1001, "0o644"]]
    assert second["output"] == ""
    assert second["changes"] == [
        ["bin", 0, 0, "0o755"],
        ["bin/busybox", 0, 0, "0o4755"],
        ["etc", 0, 0, "0o755"],
        ["etc/.wh.group", 0, 0, "0o0"],
        ["home", 0, 0, "0o755"],
        ["home/n", 0, 0, "0o644"],
        ["root", 1000, 2000, "0o755"],
    ]
    assert third["status"] == 0


def test_a_user_without_ranges_has_one_id_and_is_told(nobody: Person) -> None:
    result = session(nobody, "single", "", "id -u; touch /new", "www", "true")
    assert "/etc/subuid" in result["warning"]
    first, second = result["steps"]
    assert (first["status"], first["output"], first["changes"]) == (0, "0\n", [["new", 0, 0, "0o644"]])
    assert second["error"].startswith("cannot run as user 'www'")
    assert "/etc/subuid" in second["hint"]


_WITHOUT_ADMIN = """
from dockerlang.runtime import kernel
from tests.runtime import rootless_session
CAP_SYS_ADMIN = 21
kernel.drop_bounding_capability(CAP_SYS_ADMIN)
rest = kernel.permitted_capabilities() & ~(1 << CAP_SYS_ADMIN)
"""
_GIVE_UP = "kernel.set_capabilities(effective=rest, permitted=rest, inheritable=0)\n"


def test_root_without_administration_keeps_all_ids(tmp_path: Any) -> None:
    program = f"{_WITHOUT_ADMIN}{_GIVE_UP}rootless_session.main()"
    arguments = [str(tmp_path / "session"), "www", "id -u; touch /tmp/x", "70000:70001", "touch /tmp/x"]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["warning"], result["is_native"]) == ("", False)
    assert result["steps"][0]["output"] == "1000\n"
    assert result["steps"][1]["changes"][1] == ["tmp/x", 70000, 70001, "0o644"]


_FORBIDDEN = f"""{_WITHOUT_ADMIN}
from dockerlang.errors import RuntimeFailure
from dockerlang.runtime import rootless
from dockerlang.runtime.capabilities import DEFAULT_CAPABILITIES
from dockerlang.runtime.seccomp import filter_for
kernel.install_seccomp_filter(filter_for(DEFAULT_CAPABILITIES))
{_GIVE_UP}
try:
    rootless.enter()
except RuntimeFailure as failure:
    print(failure, failure.hint, sep="|")
"""


def test_where_namespaces_are_forbidden_the_reason_is_given() -> None:
    done = subprocess.run([sys.executable, "-c", _FORBIDDEN], capture_output=True, text=True, timeout=60, check=True)
    message, _, hint = done.stdout.partition("|")
    assert message.startswith("cannot make a user namespace: the system denies it")
    assert "as root" in hint
