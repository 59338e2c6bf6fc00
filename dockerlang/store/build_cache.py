"""The build cache, `cache.db`: what each step of a build made of what, and the digests of files already read.

It may be lost at any time, so it is never synced (a build would wait for the disk at every step), and a damaged one is
moved aside. Steps are found only by our own key, never by looking at images, and each keeps the ingredients of its key,
so that a miss can say which of them changed. A result may have been removed since: pin it before use.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TypeVar

from dockerlang.errors import StoreError
from dockerlang.store.cache_records import FileKey, StepRecord
from dockerlang.store.connections import Connections
from dockerlang.store.database import BUSY_TIMEOUT

Result = TypeVar("Result")

_SCHEMAS = (
    """
CREATE TABLE step (
    key TEXT PRIMARY KEY, place TEXT NOT NULL, ingredients TEXT NOT NULL, result TEXT NOT NULL,
    created REAL NOT NULL, last_used REAL NOT NULL, uses INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX step_place ON step (place, created);
CREATE TABLE file (
    path BLOB PRIMARY KEY, size INTEGER NOT NULL, mtime INTEGER NOT NULL, ctime INTEGER NOT NULL,
    inode INTEGER NOT NULL, digest BLOB NOT NULL, last_used REAL NOT NULL
) WITHOUT ROWID
""",
    # Apart from the steps, whose rows are looked up at every build: a list of files may be long.
    "CREATE TABLE listing (key TEXT PRIMARY KEY, files BLOB NOT NULL)",
)
"""What each version added to the one before."""
_QUESTION_SIZE = 500
"""How many paths one SELECT names; SQLite allows 999 parameters in its oldest versions."""
_RACY_SECONDS = 2.0
"""A file changed this recently may change again within the same timestamp, so its digest is not remembered."""


class BuildCache:
    """The cache of one store; safe to use from many threads and processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.connections = Connections(self._open)
        self._used: dict[str, int] = {}

    def get(self, key: str) -> StepRecord | None:
        """The step with that key; `note_uses` notes that it was used."""
        record = self._do(lambda connection: _step(connection, "key = ?", key), is_reading=True)
        if record is not None:
            self._used[key] = self._used.get(key, 0) + 1
        return record

    def note_uses(self) -> None:
        """Write down which steps were used, all at once."""
        used, self._used = self._used, {}
        if used:
            now = time.time()
            rows = [(now, uses, key) for key, uses in used.items()]
            self._do(
                lambda connection: connection.executemany(
                    "UPDATE step SET last_used = ?, uses = uses + ? WHERE key = ?", rows
                )
            )

    def put(self, record: StepRecord, files: bytes | None = None) -> None:
        """Remember a step, in place of an earlier one with its key; `files` is what `files_of` gives back."""
        row = (
            record.key,
            record.place,
            json.dumps(dict(record.ingredients), sort_keys=True),
            record.result,
            record.created,
            record.last_used,
        )

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR REPLACE INTO step VALUES (?, ?, ?, ?, ?, ?, 0)", row)
            if files is not None:
                connection.execute("INSERT OR REPLACE INTO listing VALUES (?, ?)", (record.key, files))

        self._do(write)

    def steps_at(self, place: str, limit: int) -> list[StepRecord]:
        """The steps that stood at that place, the newest first: those to compare with when a key is not found."""
        return self._do(
            lambda connection: list(_steps(connection, f"place = ? ORDER BY created DESC LIMIT {limit}", place)),
            is_reading=True,
        )

    def files_of(self, key: str) -> bytes | None:
        """What was put beside the step with that key."""

        def look_up(connection: sqlite3.Connection) -> bytes | None:
            row = connection.execute("SELECT files FROM listing WHERE key = ?", (key,)).fetchone()
            return None if row is None else bytes(row[0])

        return self._do(look_up, is_reading=True)

    def file_hashes(self, keys: Iterable[FileKey]) -> dict[FileKey, bytes]:
        """The SHA-256 digests that are known of the files' contents; files that changed are left out."""
        wanted = {key.path: key for key in keys}

        def look_up(connection: sqlite3.Connection) -> dict[FileKey, bytes]:
            found: dict[FileKey, bytes] = {}
            for paths in _batches(wanted, _QUESTION_SIZE):
                marks = ",".join("?" * len(paths))
                for *fields, digest in connection.execute(
                    f"SELECT path, size, mtime, ctime, inode, digest FROM file WHERE path IN ({marks})", paths
                ):
                    key = wanted[fields[0]]
                    if key == tuple(fields):
                        found[key] = digest
            return found

        return self._do(look_up, is_reading=True)

    def forget(self, before: float | None = None, *, but: Iterable[str] = ()) -> int:
        """Forget the steps that were last used before a moment (seconds since 1970), or all; how many they were.

        Steps whose result is one of `but` stay. Where nothing is to stay, the digests of files are forgotten, too.
        """
        kept = [(result,) for result in but]

        def delete(connection: sqlite3.Connection) -> int:
            if before is None and not kept:
                connection.execute("DELETE FROM file")
                connection.execute("DELETE FROM listing")
                return connection.execute("DELETE FROM step").rowcount
            connection.execute("CREATE TEMP TABLE kept (result TEXT PRIMARY KEY)")
            connection.executemany("INSERT OR IGNORE INTO kept VALUES (?)", kept)
            count = connection.execute(
                "DELETE FROM step WHERE (?1 IS NULL OR last_used < ?1) AND result NOT IN (SELECT result FROM kept)",
                (before,),
            ).rowcount
            connection.execute("DROP TABLE kept")
            connection.execute("DELETE FROM listing WHERE key NOT IN (SELECT key FROM step)")
            return count

        count = self._do(delete)
        self._shrink()
        return count

    def uses(self) -> dict[str, tuple[float, int]]:
        """When each result was last used, in seconds since 1970, and how often it was found."""

        def look_up(connection: sqlite3.Connection) -> dict[str, tuple[float, int]]:
            rows = connection.execute("SELECT result, max(last_used), sum(uses) FROM step GROUP BY result")
            return {row[0]: (row[1], row[2]) for row in rows}

        return self._do(look_up, is_reading=True)

    def count(self) -> int:
        """How many steps are remembered."""
        return self._do(
            lambda connection: int(connection.execute("SELECT count(*) FROM step").fetchone()[0]), is_reading=True
        )

    def remember_file_hashes(self, hashes: Mapping[FileKey, bytes]) -> None:
        """Remember digests of files; those changed within the last two seconds are skipped, they may change unseen."""
        now = time.time()
        rows = [
            (*key, digest, now)
            for key, digest in hashes.items()
            if max(key.mtime_ns, key.ctime_ns) < (now - _RACY_SECONDS) * 1e9
        ]
        if rows:
            self._do(
                lambda connection: connection.executemany("INSERT OR REPLACE INTO file VALUES (?,?,?,?,?,?,?)", rows)
            )

    def _do(self, work: Callable[[sqlite3.Connection], Result], *, is_reading: bool = False) -> Result:
        """Run `work` in a transaction of its own; start anew with an empty cache where the file is damaged."""
        for attempt in range(2):
            try:
                return self._transaction(work, is_reading=is_reading)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                    raise StoreError(f"cannot use {self._path}: {error}") from error
                if attempt or isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
                    raise StoreError(
                        f"cannot use {self._path}: {error}", hint="delete it; it is only a cache"
                    ) from error
                self.connections.discard_idle()
                with suppress(FileNotFoundError):
                    os.replace(self._path, self._path.with_name("cache.db.damaged"))
                with suppress(FileNotFoundError):
                    os.unlink(self._path.with_name("cache.db-journal"))
        raise AssertionError("unreachable")

    def _shrink(self) -> None:
        """Give the room of what was deleted back, unless somebody is at it or the disk has none to work in."""
        with suppress(sqlite3.OperationalError), self.connections.one() as connection:
            connection.execute("VACUUM")

    def _transaction(self, work: Callable[[sqlite3.Connection], Result], *, is_reading: bool) -> Result:
        with self.connections.one() as connection:
            connection.execute("BEGIN" if is_reading else "BEGIN IMMEDIATE")
            result = work(connection)
            connection.execute("COMMIT")
            return result

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA temp_store = MEMORY")
            if _version(connection) != len(_SCHEMAS):
                connection.execute("BEGIN IMMEDIATE")
                for statement in ";".join(_SCHEMAS[_version(connection) :]).split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {len(_SCHEMAS)}")
                connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        return connection


def _version(connection: sqlite3.Connection) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(_SCHEMAS):
        raise sqlite3.DatabaseError(f"it has version {version}")
    return version


def _step(connection: sqlite3.Connection, condition: str, parameter: str) -> StepRecord | None:
    return next(_steps(connection, condition, parameter), None)


def _steps(connection: sqlite3.Connection, condition: str, parameter: str) -> Iterator[StepRecord]:
    for row in connection.execute(
        f"SELECT key, place, ingredients, result, created, last_used FROM step WHERE {condition}", (parameter,)
    ):
        yield StepRecord(row[0], row[1], json.loads(row[2]), *row[3:])


def _batches(paths: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    iterator = iter(paths)
    while batch := list(islice(iterator, size)):
        yield batch
