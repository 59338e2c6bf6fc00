"""Containers of an ordinary user, from his own store."""

from __future__ import annotations

import json
import tarfile
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


_CHANGE = "echo new > /added; rm /etc/group; chown www /etc/passwd; mkdir /d && chown 1000:1001 /d && chmod 700 /d"


@pytest.fixture
def changed(user: Person) -> Iterator[str]:
    """A container that has changed files of several owners."""
    name = "changed"
    done = dockerlang(user, "run", "--name", name, "busybox", "sh", "-c", _CHANGE)
    assert done.returncode == 0, done.stderr
    yield name
    dockerlang(user, "rm", "-f", name)


def succeeds(user: Person, *arguments: str) -> str:
    done = dockerlang(user, *arguments)
    assert (done.returncode, done.stderr) == (0, ""), arguments
    return done.stdout


def is_clean(user: Person) -> bool:
    """Whether the store is sound, and nothing that operations leave for others is in it."""
    succeeds(user, "system", "check", "--full")
    return not any(list((user.directory / "store" / name).iterdir()) for name in ("ingest", "work", "trash"))


def test_what_changed_is_told_and_committed(user: Person, changed: str) -> None:
    told = succeeds(user, "diff", changed).splitlines()
    assert set(told) == {"A /added", "A /d", "C /etc", "C /etc/passwd", "D /etc/group"}
    identifier = succeeds(user, "commit", "-m", "changes", changed, "committed:1").strip()
    assert succeeds(user, "images", "-q", "--no-trunc", "committed").strip() == identifier
    script = "stat -c '%u:%g %a' /d /etc/passwd; cat /added; ls /etc/group 2>&1 | wc -l"
    assert succeeds(user, "run", "--rm", "committed:1", "sh", "-c", script) == "1000:1001 700\n1000:0 644\nnew\n1\n"
    assert "committed" in succeeds(user, "rmi", "committed:1")
    assert is_clean(user)


def test_files_go_in_and_out(user: Person, changed: str) -> None:
    succeeds(user, "cp", f"{changed}:/added", str(user.directory / "out"))
    assert (user.directory / "out").read_text() == "new\n"
    assert (user.directory / "out").stat().st_uid == user.uid
    (user.directory / "in").write_text("given")
    (user.directory / "in").chmod(0o644)
    succeeds(user, "cp", str(user.directory / "in"), f"{changed}:/d/in")
    exported = user.directory / "root.tar"
    succeeds(user, "export", "-o", str(exported), changed)
    with tarfile.open(exported) as archive:
        members = {member.name.rstrip("/"): member for member in archive}
        assert (members["d"].uid, members["d"].gid, members["d"].mode & 0o777) == (1000, 1001, 0o700)
        assert "etc/group" not in members
        given = archive.extractfile("d/in")
        assert given is not None
        assert given.read() == b"given"
    assert is_clean(user)


def test_one_in_the_background_is_seen_and_ended(user: Person) -> None:
    script = "echo begun; echo bad >&2; sleep 500"
    identifier = succeeds(user, "run", "-d", "--name", "background", "-v", "data:/v", "busybox", "sh", "-c", script)
    follower = dockerlang(user, "ps", "--format", "{{.Names}} {{.State}}")
    assert follower.stdout == "background running\n"
    while "begun" not in (shown := dockerlang(user, "logs", "background")).stdout or "bad" not in shown.stderr:
        pass
    assert "is running" in dockerlang(user, "rm", "background").stderr
    assert "using its referenced image" in dockerlang(user, "rmi", "busybox").stderr
    assert succeeds(user, "kill", identifier.strip()).strip() == identifier.strip()
    while "running" in succeeds(user, "ps", "-a", "--format", "{{.State}}"):
        pass
    assert "Exited (137)" in succeeds(user, "ps", "-a")
    assert "background" in succeeds(user, "container", "prune", "-f").replace(identifier.strip(), "background")
    assert "data" in succeeds(user, "volume", "prune", "-af")
    assert is_clean(user)


def test_a_process_of_another_user_of_the_namespace_gets_signals_too(user: Person) -> None:
    script = "trap 'echo told' USR1; echo begun; while :; do sleep 0.05; done"
    succeeds(user, "run", "-d", "--name", "other", "-u", "www", "busybox", "sh", "-c", script)
    while "begun" not in succeeds(user, "logs", "other"):
        pass
    succeeds(user, "kill", "-s", "USR1", "other")
    while "told" not in succeeds(user, "logs", "other"):
        pass
    refused = dockerlang(user, "kill", "-s", "WINCH", "other")
    assert refused.returncode == 1
    assert "belongs to another user of its user namespace" in refused.stderr
    refused = dockerlang(user, "commit", "other", "snapshot")
    assert refused.returncode == 1
    assert "--no-pause" in refused.stderr
    succeeds(user, "commit", "--no-pause", "other", "snapshot")
    succeeds(user, "rm", "-f", "other")
    succeeds(user, "rmi", "snapshot")
    assert is_clean(user)


def test_what_was_built_is_measured_and_removed(user: Person) -> None:
    (user.directory / "Dockerfile").write_text(
        "FROM busybox\nRUN --mount=type=cache,target=/c echo 12345 > /c/made && chown -R www /c\n"
        "RUN mkdir /locked && chown www /locked && chmod 700 /locked && touch /locked/f\n"
    )
    (user.directory / "Dockerfile").chmod(0o644)
    context = user.directory / "context"
    context.mkdir(exist_ok=True)
    built = dockerlang(user, "build", "-q", "-t", "built", "-f", str(user.directory / "Dockerfile"), str(context))
    assert built.returncode == 0, built.stderr
    details = json.loads(succeeds(user, "system", "df", "-v", "--format", "typed-json"))
    assert [one["size"] for one in details["build_cache"] if one["type"] == "exec.cachemount"] == [6]
    assert "exec.cachemount" in succeeds(user, "system", "df", "-v")
    pruned = succeeds(user, "builder", "prune", "-af")
    assert pruned.startswith("Deleted build cache objects:\n")
    assert list((user.directory / "store" / "caches").iterdir()) == []
    succeeds(user, "rmi", "built")
    pruned = succeeds(user, "system", "prune", "-af")
    assert "deleted: sha256:" in pruned
    assert is_clean(user)
    assert list((user.directory / "store" / "blobs" / "sha256").iterdir()) == []
    assert [path.name for path in (user.directory / "store" / "layers").iterdir()] == ["l"]
