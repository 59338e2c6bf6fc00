"""Volumes: directories that outlive the containers which mount them, each with a small record beside its data.

`volumes/<name>/data` is what containers see, `volumes/<name>/volume.json` the record. Whoever makes, attaches or
removes volumes holds `volumes_lock`, so that a volume is never removed while a container is about to mount it.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import field
from pathlib import Path
from uuid import uuid4

from dockerlang.errors import InputError
from dockerlang.records import record
from dockerlang.store.durability import sync_directory, write_file
from dockerlang.store.layout import Layout
from dockerlang.store.locks import hold
from dockerlang.store.sweep import remove_tree

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")


@record
class Volume:
    """One volume; `created` is in seconds since 1970. Nobody has named an anonymous one: its name is 64 hex digits."""

    name: str
    directory: Path
    created: float
    labels: Mapping[str, str] = field(default_factory=dict)
    is_anonymous: bool = False

    @property
    def data(self) -> Path:
        """The directory that containers mount."""
        return self.directory / "data"


def volumes_lock(layout: Layout) -> AbstractContextManager[None]:
    """Held while volumes are made, attached to a container or removed. Never waited for inside a transaction."""
    return hold(layout.locks / "volumes")


def list_volumes(layout: Layout) -> list[Volume]:
    """All volumes, by name."""
    try:
        names = sorted(name for name in os.listdir(_home(layout)) if not name.startswith("."))
    except FileNotFoundError:
        return []
    return [volume for name in names if (volume := find_volume(layout, name)) is not None]


def find_volume(layout: Layout, name: str) -> Volume | None:
    """The volume of that name."""
    if _NAME.fullmatch(name) is None:
        return None
    directory = _home(layout) / name
    try:
        record = json.loads((directory / "volume.json").read_bytes())
        return Volume(name, directory, float(record["created"]), record["labels"], bool(record["is_anonymous"]))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, KeyError, TypeError):
        # The data count, not what we have noted about them.
        return Volume(name, directory, directory.stat().st_mtime) if (directory / "data").is_dir() else None


def make_volume(layout: Layout, name: str = "", labels: Mapping[str, str] | None = None) -> Volume:
    """The volume of that name, made where there is none; without a name a new anonymous one. Hold `volumes_lock`.

    Raises InputError for a name that is none.
    """
    is_anonymous = not name
    name = name or uuid4().hex + uuid4().hex
    if _NAME.fullmatch(name) is None:
        raise InputError(
            f"invalid volume name '{name}': only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
            hint="to mount a directory of the host, give its path",
        )
    existing = find_volume(layout, name)
    if existing is not None:
        return existing
    home = _home(layout)
    home.mkdir(mode=0o700, exist_ok=True)
    temporary = home / f".{name}.{uuid4().hex}"
    (temporary / "data").mkdir(mode=0o755, parents=True)
    (temporary / "data").chmod(0o755)
    record = {"created": time.time(), "labels": dict(labels or {}), "is_anonymous": is_anonymous}
    write_file(temporary / "volume.json", json.dumps(record).encode())
    os.rename(temporary, home / name)
    sync_directory(home)
    made = find_volume(layout, name)
    assert made is not None, "the volume was just made"
    return made


def remove_volume(layout: Layout, volume: Volume) -> None:
    """Remove a volume with its data. Hold `volumes_lock`."""
    doomed = volume.directory.with_name(f".{volume.name}.{uuid4().hex}")
    os.rename(volume.directory, doomed)
    remove_tree(doomed)


def directory_size(directory: Path) -> int:
    """Bytes of the files below a directory, each counted once whatever its names; unreadable ones count nothing."""
    seen: set[tuple[int, int]] = set()
    size = 0
    for parent, directories, files in os.walk(directory):
        for name in (*directories, *files):
            try:
                status = os.lstat(os.path.join(parent, name))
            except OSError:
                continue
            if name in directories or (status.st_dev, status.st_ino) in seen:
                continue
            if status.st_nlink > 1:
                seen.add((status.st_dev, status.st_ino))
            size += status.st_size
    return size


def _home(layout: Layout) -> Path:
    return layout.root / "volumes"
