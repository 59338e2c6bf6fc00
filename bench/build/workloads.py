"""Make the directories that the build benchmark builds.

Usage: workloads.py OUT_DIR [NAME ...]

Same bytes, names, modes and mtimes each time it is run. Every workload leaves
its result below `/w` in the image, so that run.py can count files there.
"""

from __future__ import annotations

import base64
import gzip
import io
import os
import random
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MTIME = 1_700_000_000
KIB, MIB = 1024, 1024 * 1024


@dataclass(frozen=True)
class Workload:
    name: str
    about: str
    make: Callable[[Path], None]
    files: int | None  # regular files expected below /w; None: not counted
    cached: bool = False  # primed once, then rebuilt with the cache on
    save: bool = False  # times the export, not the build
    edits: str | None = None  # file of the context that is rewritten before each run


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def settle(root: Path) -> None:
    """Fixed modes and mtimes, whatever the umask and the clock."""
    for folder, _, names in os.walk(root, topdown=False):
        for name in names:
            path = os.path.join(folder, name)
            os.chmod(path, 0o644)
            os.utime(path, (MTIME, MTIME))
        os.chmod(folder, 0o755)
        os.utime(folder, (MTIME, MTIME))


def small_files(root: Path, count: int, folders: int, seed: int, size: int = KIB) -> None:
    rng = random.Random(seed)
    for folder in range(folders):
        (root / f"d{folder:03d}").mkdir(parents=True, exist_ok=True)
    for number in range(count):
        text = base64.b64encode(rng.randbytes(size))[: size - 1] + b"\n"
        (root / f"d{number % folders:03d}" / f"f{number:05d}.txt").write_bytes(text)


def twelve_steps(root: Path) -> None:
    write(
        root / "Dockerfile",
        b"""FROM busybox
ENV APP=/w MODE=release
WORKDIR /w
RUN echo one > one
COPY requirements.txt .
RUN cat requirements.txt > installed
ENV LEVEL=2
RUN mkdir -p sub && echo two > sub/two
COPY lib lib
WORKDIR /w/sub
RUN echo three > three
COPY last.txt /w/last.txt
""",
    )
    write(root / "requirements.txt", b"alpha==1\nbeta==2\n")
    for number in range(20):
        write(root / "lib" / f"mod{number:02d}.py", f"value = {number}\n".encode() * 40)
    write(root / "last.txt", b"0\n")


def runs20(root: Path) -> None:
    lines = ["FROM busybox", "WORKDIR /w"] + [f"RUN echo {n} > /w/f{n}" for n in range(20)]
    write(root / "Dockerfile", "\n".join(lines).encode() + b"\n")


def meta50(root: Path) -> None:
    lines = ["FROM busybox"]
    for number in range(10):
        lines += [
            f"ENV KEY{number}=value{number}",
            f"LABEL bench.label{number}=text{number}",
            f"EXPOSE {8000 + number}",
            f'CMD ["echo", "{number}"]',
            f"USER {number}",
        ]
    write(root / "Dockerfile", "\n".join(lines).encode() + b"\n")


def copy_many(root: Path) -> None:
    write(root / "Dockerfile", b"FROM busybox\nCOPY tree /w\n")
    small_files(root / "tree", 10_000, 200, seed=1)


def copy_big(root: Path) -> None:
    write(root / "Dockerfile", b"FROM busybox\nCOPY big /w\n")
    rng = random.Random(2)
    (root / "big").mkdir()
    for number in range(4):
        with open(root / "big" / f"blob{number}", "wb") as file:
            for _ in range(8):
                file.write(rng.randbytes(16 * MIB))


def tar_add(root: Path) -> None:
    write(root / "Dockerfile", b"FROM busybox\nADD files.tar.gz /w\n")
    rng, out = random.Random(3), io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for folder in range(100):
            info = tarfile.TarInfo(f"d{folder:03d}")
            info.type, info.mode, info.mtime = tarfile.DIRTYPE, 0o755, MTIME
            tar.addfile(info)
        for number in range(5_000):
            info = tarfile.TarInfo(f"d{number % 100:03d}/f{number:05d}")
            info.size, info.mode, info.mtime = KIB, 0o644, MTIME
            tar.addfile(info, io.BytesIO(base64.b64encode(rng.randbytes(KIB))[:KIB]))
    write(root / "files.tar.gz", gzip.compress(out.getvalue(), 6, mtime=0))


def multistage(root: Path) -> None:
    lines = []
    for number in range(6):
        lines += [f"FROM busybox AS s{number}", f"RUN sleep 0.5 && echo {number} > /out"]
    lines += ["FROM busybox"] + [f"COPY --from=s{n} /out /w/out{n}" for n in range(6)]
    write(root / "Dockerfile", "\n".join(lines).encode() + b"\n")


def ignore(root: Path) -> None:
    write(root / "Dockerfile", b"FROM busybox\nCOPY . /w\n")
    write(root / ".dockerignore", b"node_modules\nDockerfile\n.dockerignore\n")
    for number in range(20):
        write(root / "src" / f"mod{number:02d}.js", f"export const n = {number}\n".encode() * 20)
    small_files(root / "node_modules", 50_000, 1_000, seed=4, size=200)


WORKLOADS = {
    item.name: item
    for item in (
        Workload("noop", "12 steps, everything cached", twelve_steps, 26, cached=True),
        Workload("runs20", "20 tiny RUN steps, cold", runs20, 20),
        Workload("meta50", "50 metadata instructions, cold", meta50, 0),
        Workload("copy_many", "COPY of 10,000 files of 1 KiB, cold", copy_many, 10_000),
        Workload("copy_many_cached", "the same, unchanged, cached", copy_many, 10_000, cached=True),
        Workload("copy_big", "COPY of 512 MiB in 4 files, cold", copy_big, 4),
        Workload("tar_add", "ADD of a tar.gz of 5,000 files, cold", tar_add, 5_000),
        Workload(
            "edit_last", "12 steps, the last COPY's file changed", twelve_steps, 26, cached=True, edits="last.txt"
        ),
        Workload("multistage", "6 stages with sleep 0.5, then COPY --from each, cold", multistage, 6),
        Workload("ignore", "COPY . with 50,000 ignored files, cold", ignore, 20),
        Workload("save", "export of the copy_many image", copy_many, 10_000, cached=True, save=True),
    )
}


def make(name: str, out: Path) -> Path:
    """Make the directory of one workload, unless it is there already."""
    root = out / name
    if not (out / f"{name}.done").exists():
        root.mkdir(parents=True)
        WORKLOADS[name].make(root)
        settle(root)
        (out / f"{name}.done").touch()
    return root


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for name in sys.argv[2:] or WORKLOADS:
        print(make(name, Path(sys.argv[1])))


if __name__ == "__main__":
    main()
