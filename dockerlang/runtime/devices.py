"""Devices of the host for processes that may have them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from dockerlang.runtime.process import Device

# What a container has of its own.
_OWN = frozenset({"console", "core", "fd", "mqueue", "ptmx", "pts", "shm", "stderr", "stdin", "stdout", "tty"})
_INSECURE_STEP = ("fuse", "loop-control", *(f"loop{number}" for number in range(8)))


def all_devices(directory: Path = Path("/dev")) -> tuple[Device, ...]:
    """Every device file of the host, for docker's `--privileged`."""
    return tuple(_devices(directory))


def insecure_step_devices(directory: Path = Path("/dev")) -> tuple[Device, ...]:
    """What the reference gives to `RUN --security=insecure`: FUSE and loop devices, as far as there are any."""
    paths = [directory / name for name in _INSECURE_STEP]
    return tuple(Device(str(path), path) for path in paths if path.exists())


def _devices(directory: Path) -> Iterator[Device]:
    with os.scandir(directory) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        if entry.name in _OWN or entry.is_symlink():
            continue
        if entry.is_dir():
            yield from _devices(Path(entry.path))
        elif stat.S_IFMT(entry.stat().st_mode) in {stat.S_IFCHR, stat.S_IFBLK}:
            yield Device(entry.path, Path(entry.path))
