"""Containers of an ordinary user, from his own store."""

from __future__ import annotations

from collections.abc import Iterator
from subprocess import CompletedProcess

import pytest

from tests.ordinary_user import Person, as_person, temporary_account

pytestmark = [pytest.mark.namespaces, pytest.mark.root]

_MAKE_STORE = """
import sys
from pathlib import Path
from dockerlang.store.store import Store
from tests.busybox import add_busybox
add_busybox(Store.open(Path(sys.argv[1])))
"""


@pytest.fixture(scope="module")
def user() -> Iterator[Person]:
    with temporary_account() as (uid, gid), as_person(uid, gid) as person:
        done = person.python("-c", _MAKE_STORE, str(person.directory / "store"))
        assert done.returncode == 0, done.stderr
        yield person


def dockerlang(user: Person, *arguments: str) -> CompletedProcess[str]:
    return user.python("-m", "dockerlang", "--root", str(user.directory / "store"), *arguments)


def test_run_as_anybody(user: Person) -> None:
    done = dockerlang(user, "run", "--rm", "-u", "www", "busybox", "sh", "-c", "id -u; touch /tmp/x; exit 4")
    assert (done.returncode, done.stdout, done.stderr) == (4, "1000\n", "")


def test_files_of_the_host_keep_their_owner(user: Person) -> None:
    (user.directory / "shared").mkdir(exist_ok=True)
    (user.directory / "shared").chmod(0o777)
    volume = f"{user.directory}/shared:/shared"
    done = dockerlang(user, "run", "--rm", "-v", volume, "busybox", "sh", "-c", "id -u; echo x > /shared/made")
    assert (done.returncode, done.stdout) == (0, "0\n"), done.stderr
    assert (user.directory / "shared" / "made").stat().st_uid == user.uid


def test_a_container_is_kept_and_removed(user: Person) -> None:
    assert dockerlang(user, "run", "--name", "kept", "busybox", "chown", "-R", "1000:1000", "/tmp").returncode == 0
    assert "kept" in dockerlang(user, "ps", "-a").stdout
    removed = dockerlang(user, "rm", "kept")
    assert (removed.returncode, removed.stdout) == (0, "kept\n"), removed.stderr
    assert list((user.directory / "store" / "containers").iterdir()) == []
