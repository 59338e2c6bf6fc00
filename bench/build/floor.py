"""Measure what no builder on this machine can be faster than (as root).

Usage: python -m bench.build.floor [--loop GIB] [--json FILE] [--work DIR]

What a Python builder must do for each workload of workloads.py, and nothing
else: start a process in new namespaces over a new overlay, hash and copy bytes,
walk directories, start the interpreter.
"""

from __future__ import annotations

import argparse
import ctypes
import gzip
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.build import workloads
from bench.build.measuring import loop_disk

HERE = Path(__file__).resolve().parent
LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x0002_0000, 0x0400_0000, 0x0800_0000
CLONE_NEWPID, CLONE_NEWNET = 0x2000_0000, 0x4000_0000
MS_REC, MS_PRIVATE, MNT_DETACH = 0x4000, 1 << 18, 2
SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}[os.uname().machine]
BLOCK = 1024 * 1024


def call(result: int) -> None:
    if result:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def mount(source: str, target: str, kind: str | None, flags: int = 0, data: str = "") -> None:
    call(LIBC.mount(source.encode(), target.encode(), kind.encode() if kind else None, flags, data.encode()))


def step(lower: list[str], scratch: str, argv: list[str], flags: int) -> None:
    """One RUN: new namespaces, a new overlay, /proc, pivot_root, exec."""
    for name in ("upper", "work", "root"):
        os.makedirs(f"{scratch}/{name}")
    outer = os.fork()
    if not outer:
        try:
            call(LIBC.unshare(flags))
            mount("none", "/", None, MS_REC | MS_PRIVATE)
            mount(
                "overlay",
                f"{scratch}/root",
                "overlay",
                0,
                f"lowerdir={':'.join(reversed(lower))},upperdir={scratch}/upper,workdir={scratch}/work",
            )
            inner = os.fork()
            if not inner:
                os.chdir(f"{scratch}/root")
                mount("proc", "proc", "proc")
                call(LIBC.syscall(SYS_PIVOT_ROOT, b".", b"."))
                call(LIBC.umount2(b".", MNT_DETACH))
                os.chdir("/")
                os.execv(argv[0], argv)
            os._exit(os.waitstatus_to_exitcode(os.waitpid(inner, 0)[1]))
        except BaseException as error:
            os.write(2, f"{error}\n".encode())
            os._exit(99)
    code = os.waitstatus_to_exitcode(os.waitpid(outer, 0)[1])
    if code:
        raise RuntimeError(f"the step ended with {code}")


def timed(action: Callable[[int], object], runs: int) -> dict:
    took = []
    for number in range(runs):
        start = time.perf_counter()
        action(number)
        took.append(time.perf_counter() - start)
    return {"median": statistics.median(took), "min": min(took), "runs": runs}


def walk(root: str) -> list[os.DirEntry]:
    found, todo = [], [root]
    while todo:
        with os.scandir(todo.pop()) as entries:
            for entry in entries:
                entry.stat(follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    todo.append(entry.path)
                else:
                    found.append(entry)
    return found


def hash_files(files: list[os.DirEntry]) -> None:
    for entry in files:
        with open(entry.path, "rb") as file:
            hashlib.sha256(file.read()).digest()


def copy_tree(root: str, out: Path) -> None:
    for entry in walk(root):
        target = f"{out}{entry.path[len(root) :]}"
        try:
            file = os.open(target, os.O_CREAT | os.O_WRONLY | os.O_EXCL)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(target))
            file = os.open(target, os.O_CREAT | os.O_WRONLY | os.O_EXCL)
        with open(entry.path, "rb") as source:
            os.write(file, source.read())
        stat = entry.stat(follow_symlinks=False)
        os.utime(file, ns=(stat.st_mtime_ns, stat.st_mtime_ns))
        os.close(file)


def hash_and_write(sources: list[str], target: str, hashing: bool, writing: bool) -> None:
    digest, buffer = hashlib.sha256(), memoryview(bytearray(BLOCK))
    with open(target, "wb", buffering=0) as out:
        for name in sources:
            with open(name, "rb", buffering=0) as file:
                while size := file.readinto(buffer):
                    if hashing:
                        digest.update(buffer[:size])
                    if writing:
                        out.write(buffer[:size])


def kernel_copy(sources: list[str], target: str) -> None:
    with open(target, "wb", buffering=0) as out:
        for name in sources:
            with open(name, "rb", buffering=0) as file:
                while os.copy_file_range(file.fileno(), out.fileno(), 64 * BLOCK):
                    pass


def rootfs(base: Path, work: Path) -> str:
    """Unpack the one layer of the busybox layout."""
    subprocess.run([sys.executable, str(base), str(work / "base")], check=True)
    blobs = work / "base" / "blobs" / "sha256"
    index = json.loads((work / "base" / "index.json").read_text())
    manifest = json.loads((blobs / index["manifests"][0]["digest"][7:]).read_text())
    data = gzip.decompress((blobs / manifest["layers"][0]["digest"][7:]).read_bytes())
    (work / "layer.tar").write_bytes(data)
    with tarfile.open(work / "layer.tar") as tar:
        tar.extractall(work / "rootfs", filter="fully_trusted")
    return str(work / "rootfs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, default=HERE.parents[1] / "conformance" / "make_busybox.py")
    parser.add_argument("--work", type=Path, help="parent of the temporary directory")
    parser.add_argument("--loop", type=int, metavar="GIB", help="as in run.py")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    top = work = Path(tempfile.mkdtemp(prefix="bench-floor-", dir=options.work))
    results: dict[str, dict] = {}

    def note(name: str, result: dict) -> None:
        results[name] = result
        print(
            f"{name:58} {result['median'] * 1000:9.2f} ms   (min {result['min'] * 1000:.2f}, {result['runs']} runs)",
            flush=True,
        )

    try:
        if options.loop:
            work = loop_disk(top, options.loop)
        base = rootfs(options.base, work)
        true, spaces = ["/bin/true"], CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS

        def host_step(_: int) -> None:
            pid = os.fork()
            if not pid:
                os.execv(f"{base}/bin/busybox", ["true"])
            os.waitpid(pid, 0)

        note("fork + exec busybox true", timed(host_step, 200))
        note(
            "step: 4 namespaces, overlay, /proc, pivot_root, true",
            timed(lambda n: step([base], f"{work}/a{n}", true, spaces), 200),
        )
        note(
            "the same with a network namespace",
            timed(lambda n: step([base], f"{work}/b{n}", true, spaces | CLONE_NEWNET), 50),
        )

        def chain(run: int) -> None:
            lower = [base]
            for number in range(20):
                scratch = f"{work}/c{run}-{number}"
                step(lower, scratch, ["/bin/sh", "-c", f"echo {number} > /f{number}"], spaces)
                lower.append(f"{scratch}/upper")

        note("runs20: 20 such steps with sh -c, each over the last", timed(chain, 7))

        big = workloads.make("copy_big", work)
        blobs = [entry.path for entry in walk(str(big / "big"))]
        target = str(work / "target")
        for name, hashing, writing in (
            ("read", False, False),
            ("read + sha256", True, False),
            ("read + write a new file", False, True),
            ("read + sha256 + write a new file", True, True),
        ):
            os.sync()
            note(f"512 MiB: {name}", timed(lambda _, h=hashing, w=writing: hash_and_write(blobs, target, h, w), 5))
        os.sync()
        note("512 MiB: copy_file_range", timed(lambda _: kernel_copy(blobs, target), 5))
        os.unlink(target)
        shutil.rmtree(big)

        many, ignored = str(workloads.make("copy_many", work) / "tree"), str(workloads.make("ignore", work))
        note("10,000 files: walk + stat", timed(lambda _: walk(many), 9))
        note("50,000 files: walk + stat", timed(lambda _: walk(ignored), 5))
        files = walk(many)
        note("10,000 files: open + read + sha256", timed(lambda _: hash_files(files), 5))
        note("10,000 files: copy one by one with mtimes", timed(lambda n: copy_tree(many, work / f"copy{n}"), 5))

        for name, argv in (
            ("python3 -c pass", ["-c", "pass"]),
            ("python3 -I -S -c pass", ["-I", "-S", "-c", "pass"]),
            (
                "python3 with argparse json hashlib subprocess tarfile",
                ["-c", "import argparse, json, hashlib, subprocess, tarfile"],
            ),
        ):
            note(name, timed(lambda _, a=argv: subprocess.run([sys.executable, *a], check=True), 20))
        if options.json:
            options.json.write_text(json.dumps(results, indent=1) + "\n")
    finally:
        if work != top:
            subprocess.run(["umount", "-R", "-l", str(work)], check=False)
        shutil.rmtree(top, ignore_errors=True)


if __name__ == "__main__":
    main()
