"""A full disk: what is in the store can always be removed, whatever kind of thing it is."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerlang.store.archive.load import load_stream
from dockerlang.store.ballast import SIZE
from dockerlang.store.check import check_store
from dockerlang.store.store import Store
from tests.cli.command import Command
from tests.store.making import docker_archive, tar_of

pytestmark = pytest.mark.root

_DISK = 24 << 20
_COUNT = 40


@pytest.fixture(params=["tmpfs", "ext4"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    mounted = tmp_path / "disk"
    mounted.mkdir()
    if request.param == "tmpfs":
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", mounted], check=True)
    else:
        if not os.path.exists("/dev/loop-control"):
            pytest.skip("needs loop devices")
        image = tmp_path / "image"
        with image.open("wb") as file:
            file.truncate(_DISK)
        # Root's reserve would make the disk seem full to others only.
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", image], check=True)
        subprocess.run(["mount", "-o", "loop", image, mounted], check=True)
        (mounted / "lost+found").rmdir()
    try:
        yield mounted
    finally:
        subprocess.run(["umount", mounted], check=True)


@pytest.fixture
def dockerlang(disk: Path, tmp_path: Path) -> Command:
    """The command with many images in a store on that disk, of which nothing is free any more."""
    root = disk / "store"
    store = Store.open(root)
    with store.operation("load") as operation:
        for number in range(_COUNT):
            layers = [tar_of({"base": b"1"}), tar_of({"own": os.urandom(50_000)})]
            load_stream(operation, io.BytesIO(tar_of(docker_archive(layers, [f"app:{number}"]))))
    (tmp_path / "work").mkdir()
    command = Command(root, tmp_path / "work")
    (tmp_path / "work" / "Dockerfile").write_text("FROM app:0\nENV A=1\nCOPY Dockerfile /\n")
    assert command("build", "-q", ".").returncode == 0
    _fill(disk)
    return command


def _fill(disk: Path) -> None:
    for size in (1 << 20, 4096, 512, 1):
        try:
            with (disk / "filling").open("ab", buffering=0) as file:
                while True:
                    file.write(b"x" * size)
        except OSError:
            continue


def test_the_disk_is_full(dockerlang: Command) -> None:
    result = dockerlang("tag", "app:1", "other")
    assert result.returncode == 1
    assert "full" in result.stderr or "No space left" in result.stderr
    assert "Traceback" not in result.stderr
    assert len(dockerlang("images", "-q").stdout.split()) > _COUNT, "it can still be read"


@pytest.mark.parametrize(
    "arguments",
    [
        ("rmi", "app:1"),
        ("rmi", *[f"app:{number}" for number in range(_COUNT)]),
        ("image", "prune", "-af"),
        ("builder", "prune", "-af"),
        ("system", "prune", "-af"),
    ],
    ids=" ".join,
)
def test_what_is_removed_from_a_full_disk_makes_room(
    dockerlang: Command, disk: Path, arguments: tuple[str, ...]
) -> None:
    before = dockerlang("images", "-aq").stdout.split()
    result = dockerlang(*arguments)
    assert (result.returncode, result.stderr) == (0, "")
    if arguments[0] == "builder":
        assert dockerlang("builds", "-q").stdout == ""
    else:
        assert len(dockerlang("images", "-aq").stdout.split()) < len(before)
    assert check_store(Store.open(dockerlang.root), full=True).problems == ()
    room = os.statvfs(disk)
    assert room.f_bavail * room.f_frsize > 0


def test_the_room_is_taken_back_when_there_is_plenty(dockerlang: Command, disk: Path) -> None:
    ballast = dockerlang.root / "ballast"
    assert ballast.stat().st_blocks * 512 >= SIZE
    dockerlang("rmi", "app:1")
    assert not ballast.exists(), "the disk is full but for a little"
    (disk / "filling").unlink()
    assert dockerlang("tag", "app:2", "other").returncode == 0
    assert ballast.stat().st_blocks * 512 >= SIZE
