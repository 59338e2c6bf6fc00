"""What containers leave behind: changes, images, archives, files copied in and out, logs and volumes."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dockerlang.store.store import Store

pytestmark = [pytest.mark.root]

Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def run(store: Store) -> Run:
    """The command line on the store; fails the test unless the exit code is the expected one."""

    def call(*arguments: str, code: int = 0, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "dockerlang", "--root", str(store.root), *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, check=False)
        assert done.returncode == code, done.stderr.decode()
        return done

    return call


@pytest.fixture
def changed(run: Run) -> str:
    """A container that has changed something."""
    run(
        "run",
        "--name",
        "changed",
        "busybox",
        "sh",
        "-c",
        "mkdir /new; echo one >/new/f; ln -s f /new/l; rm /bin/vi; echo out; echo bad >&2",
    )
    return "changed"


def names_in(archive: bytes) -> list[str]:
    return tarfile.open(fileobj=io.BytesIO(archive)).getnames()


def test_diff(run: Run, changed: str) -> None:
    assert run("diff", changed).stdout.decode().splitlines() == [
        "C /bin",
        "D /bin/vi",
        "A /new",
        "A /new/f",
        "A /new/l",
    ]


def test_commit(run: Run, changed: str) -> None:
    arguments = ["-a", "Me <m@x>", "-m", "words", "-c", "ENV A=1", "-c", 'CMD ["cat", "/new/f"]']
    identifier = run("commit", *arguments, changed, "made:1").stdout.decode().strip()
    assert run("run", "--rm", "made:1").stdout == b"one\n"
    shown = run("inspect", "-f", "{{.Id}} {{.Author}} {{.Comment}} {{index .Config.Cmd 0}}", "made:1").stdout.decode()
    assert shown == f"{identifier} Me <m@x> words cat\n"
    assert run("history", "--format", "{{.Comment}}", "made:1").stdout.startswith(b"words\n")
    run("rmi", "made:1")


def test_commit_of_nothing_makes_no_layer(run: Run) -> None:
    run("run", "--name", "idle", "busybox", "true")
    run("commit", "idle", "same")
    layers = "{{len .RootFS.Layers}}"
    assert run("inspect", "-f", layers, "same").stdout == run("inspect", "-f", layers, "busybox").stdout
    run("rmi", "same")


def test_commit_refuses_what_is_no_change(run: Run, changed: str) -> None:
    assert b"'RUN' is not a change" in run("commit", "-c", "RUN x", changed, code=1).stderr


def test_export(run: Run, changed: str) -> None:
    names = names_in(run("export", changed).stdout)
    assert "new/f" in names
    assert "bin/vi" not in names


def test_copies_out(run: Run, changed: str, tmp_path: Path) -> None:
    run("cp", f"{changed}:/new", str(tmp_path))
    assert (tmp_path / "new/f").read_text() == "one\n"
    assert (tmp_path / "new/l").is_symlink()
    run("cp", f"{changed}:/new/.", str(tmp_path / "content"))
    assert (tmp_path / "content/f").read_text() == "one\n"
    run("cp", "-L", f"{changed}:/new/l", str(tmp_path / "followed"))
    assert (tmp_path / "followed").read_text() == "one\n"
    assert names_in(run("cp", f"{changed}:/new", "-").stdout) == ["new", "new/f", "new/l"]
    run("cp", f"{changed}:/nosuch", str(tmp_path), code=1)
    run("cp", f"{changed}:/new/f", str(tmp_path / "nosuch") + "/", code=1)


def test_copies_in(run: Run, changed: str, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d/f").write_text("two\n")
    run("cp", str(tmp_path / "d"), f"{changed}:/new")
    run("cp", f"{tmp_path}/d/.", f"{changed}:/new")
    run("cp", str(tmp_path / "d/f"), f"{changed}:/new/g")
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.add(tmp_path / "d/f", "sub/h")
    run("cp", "-", f"{changed}:/new", stdin=archive.getvalue())
    names = names_in(run("cp", f"{changed}:/new/.", "-").stdout)
    assert sorted(names) == [".", "./d", "./d/f", "./f", "./g", "./l", "./sub", "./sub/h"]
    run("cp", str(tmp_path / "d"), f"{changed}:/new/g", code=1)
    run("cp", str(tmp_path / "d/f"), f"{changed}:/no/such/place", code=1)


def test_a_container_in_the_background(run: Run, tmp_path: Path) -> None:
    identifier = run("run", "-d", "--name", "back", "busybox", "sh", "-c", "echo up; while :; do sleep 1; done").stdout
    assert len(identifier.strip()) == 64
    (tmp_path / "f").write_text("x")
    run("cp", str(tmp_path / "f"), "back:/given")
    assert names_in(run("cp", "back:/given", "-").stdout) == ["given"]
    assert b"cannot remove" in run("rm", "back", code=1).stderr
    run("kill", "-s", "nosuch", "back", code=125)
    run("kill", "back")
    assert run("ps", "-a", "--format", "{{.Names}} {{.Status}}").stdout.startswith(b"back Exited (137)")
    assert b"is not running" in run("kill", "back", code=1).stderr


def test_logs(run: Run, changed: str) -> None:
    done = run("logs", "-f", changed)
    assert (done.stdout, done.stderr) == (b"out\n", b"bad\n")
    assert run("logs", "--tail", "0", changed).stdout == b""
    assert run("logs", "-t", changed).stdout.endswith(b"Z out\n")


def test_volumes_outlive_containers(run: Run) -> None:
    run("volume", "create", "kept")
    run("run", "--name", "writer", "-v", "kept:/data", "busybox", "sh", "-c", "echo x >/data/f")
    assert run("run", "--rm", "--volumes-from", "writer", "busybox", "cat", "/data/f").stdout == b"x\n"
    assert run("run", "--rm", "--mount", "source=kept,target=/d,readonly", "busybox", "cat", "/d/f").stdout == b"x\n"
    assert b"volume is in use" in run("volume", "rm", "kept", code=1).stderr
    assert names_in(run("cp", "writer:/data/f", "-").stdout) == ["f"]
    run("rm", "-v", "writer")
    assert run("volume", "ls", "-q").stdout == b"kept\n"
    assert run("volume", "rm", "kept").stdout == b"kept\n"
    assert b"No such volume" in run("volume", "rm", "kept", code=1).stderr


def test_anonymous_volumes_go_with_rm(run: Run) -> None:
    run("run", "--rm", "-v", "/data", "busybox", "touch", "/data/f")
    assert run("volume", "ls", "-q").stdout == b""
    run("run", "--name", "anonymous", "-v", "/data", "busybox", "touch", "/data/f")
    assert len(run("volume", "ls", "-q").stdout.split()) == 1
    run("rm", "-v", "anonymous")
    assert run("volume", "ls", "-q").stdout == b""


def test_prunes(run: Run, changed: str) -> None:
    declined = run("container", "prune", stdin=b"n\n").stdout.decode()
    assert declined.endswith("Are you sure you want to continue? [y/N] Total reclaimed space: 0B\n")
    done = run("container", "prune", "-f").stdout.decode()
    assert done.startswith("Deleted Containers:\n")
    run("volume", "create", "named")
    assert run("volume", "prune", "-f").stdout == b"Total reclaimed space: 0B\n"
    assert run("volume", "prune", "-af").stdout.startswith(b"Deleted Volumes:\nnamed\n\n")
    assert run("image", "prune", "-f").stdout == b"Total reclaimed space: 0B\n"
    assert b"Invalid filter" in run("image", "prune", "-f", "--filter", "bogus=1", code=1).stderr
    assert run("container", "ls", "-aq").stdout == b""


def test_choosing_containers(run: Run) -> None:
    run("run", "--name", "good", "-l", "colour=red", "-v", "/data", "busybox", "true")
    run("run", "--name", "bad", "busybox", "sh", "-c", "exit 3", code=3)
    names = ["ps", "--format", "{{.Names}}", "-f"]
    assert run(*names, "status=exited").stdout == b"bad\ngood\n"
    assert run(*names, "exited=3").stdout == b"bad\n"
    assert run("ps", "-a", *names[1:], "label=colour=red").stdout == b"good\n"
    assert run("ps", "-a", *names[1:], "name=^/go").stdout == b"good\n"
    assert run("ps", "-a", *names[1:], "ancestor=busybox", "-f", "volume=/data").stdout == b"good\n"
    assert run("ps", "-l", "--format", "{{.Names}}").stdout == b"bad\n"
    assert b"Invalid filter" in run(*names, "bogus=1", code=1).stderr
    run("rm", "-v", "good", "bad")


def test_names_are_completed(run: Run, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run("run", "--name", "ending", "busybox", "true")
    monkeypatch.setenv("_DOCKERLANG_COMPLETE", "bash_complete")
    monkeypatch.setenv("DOCKERLANG_ROOT", str(store.root))
    for words, offered in (("dockerlang rmi bus", "plain,busybox:latest"), ("dockerlang rm en", "plain,ending")):
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", "2")
        program = "from dockerlang.cli.main import dockerlang; dockerlang(prog_name='dockerlang')"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
        assert done.stdout.decode().splitlines() == [offered]


def test_inspection_of_containers_and_volumes(run: Run, changed: str) -> None:
    shown = run("inspect", "-f", "{{.Name}} {{.State.ExitCode}} {{.Config.Tty}} {{.Mounts}}", changed).stdout
    assert shown == b"/changed 0 false []\n"
    assert int(run("inspect", "-s", "-f", "{{.SizeRw}}", changed).stdout) > 4
    assert b"No such image: changed" in run("inspect", "--type", "image", changed, code=1).stderr
    assert b"No such container: busybox" in run("container", "inspect", "busybox", code=1).stderr
    run("volume", "create", "shown")
    assert run("inspect", "-f", "{{.Driver}}", "shown").stdout == b"local\n"
    run("volume", "rm", "shown")


def test_disk_usage(run: Run, changed: str) -> None:
    lines = run("system", "df", "--format", "{{.Type}} {{.TotalCount}} {{.Active}}").stdout.decode().splitlines()
    assert lines == ["Images 1 1", "Containers 1 0", "Local Volumes 0 0", "Build Cache 0 0"]
    done = run("system", "prune", "-f").stdout.decode()
    assert done.startswith("Deleted Containers:\n")
    assert "Total reclaimed space:" in done
