"""Tricky layers on top of a small base: the same tree must come out as the other engines made.

Each layer is applied twice: flattened into one directory, and as an overlay lower directory that is then mounted over
the base's. Both listings must equal the recorded one. Where all four engines agree, their result is expected; where
they do not, that of the engine whose reading of the specification we share (`CHOICES`). Needs root.
"""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dockerlang.errors import InputError
from dockerlang.store.unpack import TreeForm, apply_layer
from tests.conformance.outcome import Outcome
from tests.conformance.suites.layer_tricks import ESCAPE, base_layer, trick_layer

DOCKER, PODMAN, UMOCI, CONTAINERD = "docker20.10", "podman4.3", "umoci0.4.7", "containerd1.6"
CHOICES = {
    "add_then_whiteout_same": UMOCI,  # a whiteout acts on lower layers only
    "bare_wh": DOCKER,  # a whiteout of nothing is an error
    "chr00": DOCKER,  # refused by us: see by_design.toml
    "dotdot": UMOCI,  # stays inside the root
    "dup": UMOCI,  # the last one counts
    "dup_dir_file": UMOCI,
    "hardlink_lower": UMOCI,  # brought up and linked
    "neg_mtime": UMOCI,  # what the archive says
    "pax_global": DOCKER,  # accepted
    "symlink_abs_escape": UMOCI,  # links lead on inside the root
    "symlink_rel_escape": UMOCI,
    "symlink_then_through_same": UMOCI,
    "trusted_overlay_xattr": DOCKER,  # overlay's own attributes are not the image's
    "whiteout_basic": UMOCI,  # the directory keeps its time
    "whiteout_nonexist": UMOCI,
    "whiteout_then_add_same": UMOCI,
    "write_through_symlink_lower": UMOCI,
}

Listing = dict[str, list[str]]


def run(cases_file: Path) -> Iterator[Outcome]:
    """The outcome of every case in `layers.json`."""
    for name, case in json.loads(cases_file.read_text("utf-8"))["cases"].items():
        expected = _expected(name, case)
        layer = trick_layer(name)
        if layer is None:
            yield Outcome(name, _both(expected), "the recorded file does not say what this layer held")
        else:
            yield Outcome(name, _both(expected), {"flattened": _flattened(layer), "mounted": _mounted(layer)})


def _expected(name: str, case: dict[str, Any]) -> object:
    result = case["results"][UMOCI if case["agree"] else CHOICES.get(name, UMOCI)]
    return "error" if "error" in result else result


def _both(expected: object) -> dict[str, object]:
    return {"flattened": expected, "mounted": expected}


def _flattened(layer: bytes) -> object:
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "root"
        root.mkdir()
        apply_layer(io.BytesIO(base_layer()), root, TreeForm.FLAT)
        before = _list(root, time.time())
        started = time.time()
        try:
            apply_layer(io.BytesIO(layer), root, TreeForm.FLAT)
        except InputError:
            return "error"
        return _difference(before, _list(root, started))


def _mounted(layer: bytes) -> object:
    with tempfile.TemporaryDirectory() as scratch:
        lower, upper, merged = (Path(scratch) / name for name in ("lower", "upper", "merged"))
        for directory in (lower, upper, merged):
            directory.mkdir()
        apply_layer(io.BytesIO(base_layer()), lower, TreeForm.OVERLAY)
        before = _list(lower, time.time())
        started = time.time()
        try:
            apply_layer(io.BytesIO(layer), upper, TreeForm.OVERLAY, [lower])
        except InputError:
            return "error"
        subprocess.run(
            ["mount", "-t", "overlay", "-o", f"ro,lowerdir={upper}:{lower}", "overlay", str(merged)], check=True
        )
        try:
            return _difference(before, _list(merged, started))
        finally:
            subprocess.run(["umount", str(merged)], check=True)


def _difference(before: Listing, after: Listing) -> dict[str, object]:
    return {
        "removed": sorted(before.keys() - after.keys()),
        "added": {path: after[path] for path in sorted(after.keys() - before.keys())},
        "changed": {path: after[path] for path in sorted(before.keys() & after.keys()) if before[path] != after[path]},
    }


def _list(root: Path, started: float) -> Listing:
    """Every file below `root` as the records describe it: type, mode, owner, time, then what its type calls for."""
    listing = {}
    for directory, directories, files in os.walk(root):
        for name in directories + files:
            path = os.path.join(directory, name)
            listing[os.path.relpath(path, root)] = _row(path, started)
    return listing


def _row(path: str, started: float) -> list[str]:
    status = os.lstat(path)
    mode = status.st_mode
    row = [_letter(mode), f"{stat.S_IMODE(mode):o}", f"{status.st_uid}:{status.st_gid}", _time(status, started)]
    if stat.S_ISREG(mode):
        row.append(Path(path).read_text("utf-8"))
    elif stat.S_ISLNK(mode):
        row.append("->" + os.readlink(path).replace(ESCAPE, "<host path>"))
    elif stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        row.append(f"{os.major(status.st_rdev)},{os.minor(status.st_rdev)}")
    for attribute in sorted(os.listxattr(path, follow_symlinks=False)):
        if not attribute.startswith("trusted.overlay.") or stat.S_ISREG(mode):
            row.append(f"{attribute}={os.getxattr(path, attribute, follow_symlinks=False).hex()}")
    if status.st_nlink > 1 and not stat.S_ISDIR(mode) and not stat.S_ISLNK(mode):
        row.append(f"nlink={status.st_nlink}")
    return row


def _letter(mode: int) -> str:
    return {"-": "f"}.get(stat.filemode(mode)[0], stat.filemode(mode)[0])


def _time(status: os.stat_result, started: float) -> str:
    # A kernel timestamp may be a tick older than the clock.
    if status.st_mtime >= started - 0.1:
        return "NOW"
    return str(int(status.st_mtime)) if status.st_mtime.is_integer() else f"{status.st_mtime:.9f}"
