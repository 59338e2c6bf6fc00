"""The power goes at a random moment: every image that is listed afterwards is whole, and so is every unpacked tree.

The store is on an ext4 of its own on a loop device, with a process at work on it that waits for the disk as for a user.
The ioctl by which file systems are tested for this (`EXT4_IOC_SHUTDOWN` without flushing the log) stops the file system
from one instant to the next: what was not written by then is lost, be it in the page cache or in the journal's memory.
Then it is mounted anew and the store is opened as after a start of the machine.
"""

from __future__ import annotations

import fcntl
import io
import os
import random
import signal
import struct
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerlang.oci.digest import Digest
from dockerlang.oci.reference import parse_reference
from dockerlang.store.archive.load import load_stream
from dockerlang.store.removal import remove_image
from dockerlang.store.store import Store
from tests.busybox import add_busybox
from tests.store.making import add_image, docker_archive, tar_of

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(not os.path.exists("/dev/loop-control"), reason="needs loop devices"),
]

_SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32)
_WITHOUT_FLUSHING_THE_LOG = struct.pack("I", 2)


class Disk:
    """A file system on a loop device, and its power switch."""

    def __init__(self, directory: Path) -> None:
        self._image = directory / "image"
        self.mounted = directory / "disk"
        self.mounted.mkdir()
        with self._image.open("wb") as file:
            file.truncate(256 << 20)
        subprocess.run(["mkfs.ext4", "-q", self._image], check=True)
        self.plug_in()

    def plug_in(self) -> None:
        subprocess.run(["mount", "-o", "loop", self._image, self.mounted], check=True)

    def cut(self) -> None:
        descriptor = os.open(self.mounted, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, _SHUTDOWN, _WITHOUT_FLUSHING_THE_LOG)
        finally:
            os.close(descriptor)

    def unplug(self) -> None:
        """Unmount it, and wait for the mount namespaces of steps that were killed, which may have it, too."""
        deadline = time.monotonic() + 20
        while os.path.ismount(self.mounted) or self._is_attached():
            assert time.monotonic() < deadline, "something still uses the disk"
            subprocess.run(["umount", self.mounted], capture_output=True, check=False)
            time.sleep(0.02)

    def _is_attached(self) -> bool:
        return bool(subprocess.run(["losetup", "-j", self._image], capture_output=True, check=True).stdout)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    disk = Disk(tmp_path)
    yield disk
    if os.path.ismount(disk.mounted):
        disk.unplug()


def _work(root: Path, context: Path, seed: int) -> None:
    """Load, build, tag, unpack and remove without end."""
    choice = random.Random(seed)
    store = Store.open(root)
    number = 0
    while True:
        number += 1
        name = f"app:{choice.randrange(4)}"
        match choice.randrange(6):
            case 0 | 1:
                layers = [tar_of({"base": b"base" * 1000}), tar_of({"own": choice.randbytes(200_000)})]
                with store.operation("load") as operation:
                    load_stream(operation, io.BytesIO(tar_of(docker_archive(layers, [name]))))
            case 2:
                with store.operation("build") as operation:
                    base = operation.find("busybox")
                    step = add_image(operation, {"s": choice.randbytes(5000)}, parent=base, is_step=True)
                    last = add_image(operation, {"t": choice.randbytes(5000)}, parent=step, name=name)
                    operation.layer_trees(last.diff_ids)
            case 3:
                with store.operation("tag") as operation:
                    image = operation.find(name)
                    if image is not None:
                        operation.tag(parse_reference(f"other:{choice.randrange(3)}"), image)
            case 4:
                with store.operation("rmi") as operation:
                    if operation.find(name) is not None:
                        remove_image(operation, name, force=True)
            case 5:
                (context / "Dockerfile").write_text(
                    f"FROM busybox\nRUN seq 20000 > /made; echo {seed} {number} > /own\n"
                )
                subprocess.run(
                    [sys.executable, "-m", "dockerlang", "--root", root, "build", "-q", "-t", name, context],
                    capture_output=True,
                    check=False,
                )


def _after_a_start(root: Path, boot: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `dockerlang` as in another run of the machine."""
    program = (
        f"import dockerlang.store.boot as boot\nboot.boot_id = lambda: {boot!r}\n"
        "from dockerlang.cli.entry import run\nrun()"
    )
    command = [sys.executable, "-c", program, "--root", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def _torn_files(store: Store) -> list[str]:
    """The files in unpacked trees that are not what their layer says."""
    with store.database.read() as connection:
        trees = connection.execute("SELECT chain_id, diff_id FROM tree").fetchall()
    torn = []
    for chain_id, diff_id in trees:
        tree = store.layout.tree(Digest.parse(chain_id)) / "fs"
        with store.open_layer(Digest.parse(diff_id)) as stream, tarfile.open(fileobj=stream) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isreg() else None
                if content is not None and (tree / member.name).read_bytes() != content.read():
                    torn.append(f"{tree}/{member.name}")
    return torn


@pytest.mark.parametrize("rounds", [3, pytest.param(50, marks=pytest.mark.slow)])
def test_what_is_listed_after_a_power_cut_is_whole(
    disk: Disk, tmp_path: Path, rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKERLANG_NO_SYNC", "")
    root = disk.mounted / "store"
    context = tmp_path / "context"
    context.mkdir()
    add_busybox(Store.open(root))
    subprocess.run(["sync", "-f", disk.mounted], check=True)
    moments = random.Random(rounds)
    listed = 0
    for number in range(rounds):
        child = os.fork()
        if child == 0:
            os.setsid()
            try:
                _work(root, context, number)
            finally:
                os._exit(0)
        time.sleep(moments.uniform(0.1, 1.2))
        disk.cut()
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        disk.unplug()
        disk.plug_in()
        boot = f"run-{number}"
        images = _after_a_start(root, boot, "images", "-a", "--no-trunc", "--format", "{{.ID}}").stdout.split()
        for image in set(images):
            saved = _after_a_start(root, boot, "save", "-o", os.devnull, image)
            assert saved.returncode == 0, f"round {number}: {saved.stderr}"
        assert _torn_files(Store.open(root)) == [], f"round {number}"
        # The first operation clears away what the cut left.
        assert _after_a_start(root, boot, "tag", "busybox", "next").returncode == 0
        pruned = _after_a_start(root, boot, "image", "prune", "-f")
        assert pruned.returncode == 0, pruned.stderr
        check = _after_a_start(root, boot, "system", "check", "--full")
        assert check.returncode == 0, f"round {number}: {check.stdout}{check.stderr}"
        listed += len(images)
    assert listed > rounds, "hardly anything survived"
