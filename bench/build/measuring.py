"""Times one command: seconds, CPU and memory of it, of its children, and of a daemon that works for it."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import subprocess
import threading
import time
from pathlib import Path

TICK, PAGE, MIB = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE"), 1024 * 1024
SAMPLE_EVERY = 0.025


def measure(argv: list[str], env: dict[str, str], daemons: list[int], log: Path, timeout: float) -> dict:
    for pid in daemons:
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/clear_refs").write_text("5")  # restart the daemon's high-water mark
    os.sync()
    daemon_cpu, busy = sum(map(cpu, daemons)), machine_busy()
    peak, over = 0, threading.Event()
    with open(log, "wb") as out:
        start = time.perf_counter()
        process = subprocess.Popen(
            argv, env={**os.environ, **env}, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
        timer = threading.Timer(timeout, lambda: os.killpg(process.pid, signal.SIGKILL))
        timer.start()

        def sample() -> None:
            nonlocal peak
            pause = 0.005
            while not over.wait(pause):
                peak, pause = max(peak, sum(map(memory, tree(process.pid)))), SAMPLE_EVERY

        sampler = threading.Thread(target=sample)
        sampler.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        over.set()
        timer.cancel()
        sampler.join()
    return {
        "seconds": round(seconds, 4),
        "exit": process.returncode,
        "client_cpu": round(usage.ru_utime + usage.ru_stime, 3),
        "daemon_cpu": round(sum(map(cpu, daemons)) - daemon_cpu, 3),
        "machine_busy": round(machine_busy() - busy, 3),
        "client_mib": round(peak / MIB, 1),  # not ru_maxrss: that one starts at this script's own size
        "daemon_mib": round(sum(map(high_water, daemons)) / MIB, 1),
    }


def quiet(argv: list[str], env: dict[str, str], check: bool = True) -> str:
    done = subprocess.run(
        argv, env={**os.environ, **env}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if check and done.returncode:
        raise RuntimeError(f"{shlex.join(argv)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip()


def read(path: str) -> str:
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def tree(pid: int) -> list[int]:
    """The process and its living descendants."""
    found, todo = [], [pid]
    while todo:
        pid = todo.pop()
        found.append(pid)
        try:
            tasks = os.listdir(f"/proc/{pid}/task")
        except OSError:
            continue
        for task in tasks:
            todo += map(int, read(f"/proc/{pid}/task/{task}/children").split())
    return found


def memory(pid: int) -> int:
    """Proportional set size in bytes, so that forks sharing pages count once; else the resident size."""
    match = re.search(r"^Pss:\s+(\d+)", read(f"/proc/{pid}/smaps_rollup"), re.M)
    if match:
        return int(match[1]) * 1024
    fields = read(f"/proc/{pid}/statm").split()
    return int(fields[1]) * PAGE if fields else 0


def cpu(pid: int) -> float:
    """CPU seconds of a process and of the children that it has reaped."""
    fields = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICK if fields else 0.0


def high_water(pid: int) -> int:
    match = re.search(r"^VmHWM:\s+(\d+)", read(f"/proc/{pid}/status"), re.M)
    return int(match[1]) * 1024 if match else 0


def machine_busy() -> float:
    user, nice, system, _idle, _wait, irq, soft, *_ = map(int, read("/proc/stat").split("\n")[0].split()[1:])
    return (user + nice + system + irq + soft) / TICK


def loop_disk(work: Path, gib: int) -> Path:
    """A fresh ext4 with a journal. Without a journal ext4 creates files slowly for minutes after many were deleted."""
    image, point = work / "disk.img", work / "disk"
    with open(image, "wb") as file:
        file.truncate(gib * 1024 * MIB)
    point.mkdir()
    quiet(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(image)], {})
    quiet(["mount", "-o", "loop", str(image), str(point)], {})
    return point
