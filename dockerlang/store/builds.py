"""What builds did: a record of each with its steps, and a compressed log of what they printed.

Two files a build, so that builds at the same time never meet. Records are expendable: the oldest go by themselves. The
log is locked while its build lives, so that a build that was killed is told from one that runs.
"""

from __future__ import annotations

import json
import os
import re
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from dockerlang.errors import ConflictError, NotFoundError
from dockerlang.store.layout import Layout
from dockerlang.store.locks import FileLock, acquire, try_acquire
from dockerlang.text import nearest

MAX_BUILDS = 200
MAX_BYTES = 128 << 20
"""How many builds are kept at most, and how many bytes their files have at most."""
_SHORT_ID = 12
_IMAGE_ID = re.compile("[0-9a-f]{4,64}")
_FLUSH_SECONDS = 0.5
_POLL_SECONDS = 0.2


class BuildStep(NamedTuple):
    """One step: `outcome` is running, cached, done, failed or cancelled.

    `images` are those of its instruction and of the instructions after it that make no files; `cause`, `reason` and
    `details` say why it was not cached.
    """

    number: int
    name: str
    outcome: str
    seconds: float = 0.0
    size: int = 0
    stage: str = ""
    line: int = 0
    images: tuple[str, ...] = ()
    cause: str = ""
    reason: str = ""
    details: tuple[str, ...] = ()


class BuildRecord(NamedTuple):
    """One build: `status` is running, done, failed, cancelled or killed; `started` in seconds since 1970."""

    id: str
    started: float
    dockerfile: str
    context: str
    target: str = ""
    status: str = "running"
    seconds: float = 0.0
    image: str = ""
    tags: tuple[str, ...] = ()
    failed_image: str = ""
    message: str = ""
    steps: tuple[BuildStep, ...] = ()


def new_build_id() -> str:
    """A name for a build that no other has: twelve hexadecimal digits."""
    return os.urandom(6).hex()


class Builds:
    """The builds of one store; what is damaged or gone counts as not there."""

    def __init__(self, layout: Layout) -> None:
        self._directory = layout.builds

    def write(self, record: BuildRecord) -> None:
        """Keep a record in place of an earlier one of that build; a first one makes the oldest go.

        Where the disk is full or cannot be written there is none: whatever else the build writes says so.
        """
        path = self._path(record.id, "json")
        temporary = path.with_suffix(".new")
        fields = {**record._asdict(), "steps": [step._asdict() for step in record.steps]}
        try:
            self._directory.mkdir(mode=0o700, exist_ok=True)
            temporary.write_text(json.dumps(fields, separators=(",", ":"), ensure_ascii=True))
            is_first = not path.exists()
            temporary.replace(path)
        except OSError:
            with suppress(OSError):
                temporary.unlink()
            return
        if is_first:
            self._drop_oldest()

    def open_log(self, identifier: str) -> BuildLog:
        """The log of a build that begins."""
        self._directory.mkdir(mode=0o700, exist_ok=True)
        return BuildLog(self._path(identifier, "log"))

    def all(self) -> list[BuildRecord]:
        """All builds, the newest first."""
        records = [record for identifier in self._identifiers() if (record := self._read(identifier)) is not None]
        return sorted(records, key=lambda record: record.started, reverse=True)

    def latest(self) -> BuildRecord | None:
        """The build that began last."""
        return next(iter(self.all()), None)

    def find(self, name: str) -> BuildRecord | None:
        """The build with that ID, or the only one whose ID starts so. Raises `ConflictError` where several do."""
        found = [identifier for identifier in self._identifiers() if name and identifier.startswith(name)]
        if len(found) > 1 and name not in found:
            raise ConflictError(f"{name} is the start of more than one build ID", hint="write more of its digits")
        return self._read(name if name in found else found[0]) if found else None

    def steps_called(self, text: str, record: BuildRecord, *, is_only: bool) -> tuple[BuildStep, ...]:
        """The steps of a build that a number, a part of their text or the ID of their image names.

        An image's ID is looked up in all builds, the newest first, unless the build `is_only` the one meant. Raises
        `NotFoundError`.
        """
        number = text.removeprefix("#")
        if number.isdecimal() and len(number) < _SHORT_ID:
            found = tuple(step for step in record.steps if step.number == int(number))
        else:
            found = tuple(step for step in record.steps if text.lower() in step.name.lower())
        if not found and _IMAGE_ID.fullmatch(text.removeprefix("sha256:")):
            start = f"sha256:{text.removeprefix('sha256:')}"
            for build in [record] if is_only else self.all():
                found = tuple(step for step in build.steps if any(image.startswith(start) for image in step.images))
                if found:
                    break
        if not found:
            near = nearest(text, [step.name for step in record.steps])
            hint = (
                f"did you mean `{near}`?"
                if near
                else f"it has {len(record.steps)}, and `dockerlang builds` lists other builds"
            )
            raise NotFoundError(f"no step of build {record.id} is called `{text}`", hint=hint)
        return found

    def log(self, record: BuildRecord, *, follow: bool = False) -> Iterator[bytes]:
        """The lines of a build's log, each with the milliseconds since the build began in front."""
        decompressor = zlib.decompressobj()
        rest = b""
        try:
            file = self._path(record.id, "log").open("rb")
        except FileNotFoundError:
            return
        with file:
            while True:
                # Asked first: what is written before the end is read after it.
                goes_on = follow and self._is_running(record.id)
                while block := file.read(1 << 16):
                    *lines, rest = (rest + decompressor.decompress(block)).split(b"\n")
                    yield from lines
                if not goes_on:
                    break
                time.sleep(_POLL_SECONDS)
        if rest:
            yield rest

    def forget(self, before: float | None = None) -> int:
        """Remove the builds that began before a moment (seconds since 1970), or all; the bytes that came free."""
        size = 0
        for record in self.all():
            if record.status != "running" and (before is None or record.started < before):
                size += self._remove(record.id)
        return size

    def _read(self, identifier: str) -> BuildRecord | None:
        try:
            fields: dict[str, Any] = json.loads(self._path(identifier, "json").read_text())
            steps = tuple(BuildStep(**_with_tuples(step)) for step in fields.pop("steps"))
            record = BuildRecord(**_with_tuples(fields), steps=steps)
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return None
        if record.status == "running" and not self._is_running(identifier):
            return record._replace(status="killed")
        return record

    def _is_running(self, identifier: str) -> bool:
        path = self._path(identifier, "log")
        lock = try_acquire(path)
        if lock is not None:
            lock.release()
        return lock is None and path.exists()

    def _identifiers(self) -> list[str]:
        with suppress(FileNotFoundError):
            return [name[:-5] for name in os.listdir(self._directory) if name.endswith(".json")]
        return []

    def _drop_oldest(self) -> None:
        entries: dict[str, list[os.stat_result]] = {}
        with os.scandir(self._directory) as scan:
            for entry in scan:
                # Another build may drop it just now.
                with suppress(FileNotFoundError):
                    status = entry.stat()
                    entries.setdefault(entry.name.partition(".")[0], []).append(status)
        size = 0
        newest = sorted(entries.items(), key=lambda item: max(status.st_mtime for status in item[1]), reverse=True)
        for position, (identifier, files) in enumerate(newest):
            size += sum(status.st_size for status in files)
            if (position >= MAX_BUILDS or size > MAX_BYTES) and position and not self._is_running(identifier):
                self._remove(identifier)

    def _remove(self, identifier: str) -> int:
        size = 0
        for suffix in ("json", "log", "new"):
            path = self._path(identifier, suffix)
            with suppress(FileNotFoundError):
                size += path.stat().st_size
                path.unlink()
        return size

    def _path(self, identifier: str, suffix: str) -> Path:
        return self._directory / f"{identifier}.{suffix}"


class BuildLog:
    """Writes a log; the build counts as running until it is closed."""

    def __init__(self, path: Path) -> None:
        self._lock: FileLock = acquire(path)
        self._file = path.open("wb")
        self._compressor = zlib.compressobj(3)
        self._started = self._flushed = time.monotonic()
        self._has_ended = False

    def write(self, lines: str) -> None:
        """Write whole lines."""
        now = time.monotonic()
        stamp = b"%d " % ((now - self._started) * 1000)
        data = lines.encode("utf-8", "surrogateescape").rstrip(b"\n")
        self._put(self._compressor.compress(stamp + data.replace(b"\n", b"\n" + stamp) + b"\n"))
        if now - self._flushed > _FLUSH_SECONDS:
            self._put(self._compressor.flush(zlib.Z_SYNC_FLUSH))
            self._flushed = now

    def close(self) -> None:
        """Write what is left, and end. A signal may come in between and lead here once more: then nothing happens."""
        if self._has_ended:
            return
        self._has_ended = True
        try:
            self._put(self._compressor.flush())
        finally:
            self._file.close()
            self._lock.release()

    def _put(self, data: bytes) -> None:
        # A full disk must not end a build that would succeed without its log.
        with suppress(OSError):
            self._file.write(data)
            if data:
                self._file.flush()


def _with_tuples(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()}
