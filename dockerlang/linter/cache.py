"""Results remembered between runs, in one SQLite file of the user's cache directory.

A key is a digest of all that a result depends on, so nothing remembered is ever wrong, only no longer asked for. The
file may be deleted at any time; a damaged one is thrown away, and whatever else goes wrong means only that nothing is
remembered.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Mapping

# A run that is remembered whole reads this file and not much else: it goes without `pathlib` and `typing`.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "lint-results.sqlite"
MAXIMUM_BYTES = 64 * 1024 * 1024
_SECONDS_TO_WAIT = 2.0
# SQLite accepts at least 999 parameters in a statement.
_KEYS_A_QUERY = 500
_TABLE = "CREATE TABLE IF NOT EXISTS results (key BLOB PRIMARY KEY, value BLOB NOT NULL)"


class ResultCache:
    """Values by keys, both bytes; several processes may use one file at once.

    No method raises for what the outside world does: a cache that cannot be read finds nothing, one that cannot be
    written keeps nothing. A value is at most what fits in memory; above `maximum_bytes` in all, the oldest half goes.
    """

    def __init__(self, path: str | Path, maximum_bytes: int = MAXIMUM_BYTES) -> None:
        self.path = os.fspath(path)
        self.maximum_bytes = maximum_bytes
        self._connection: sqlite3.Connection | None = None
        self._process = 0

    @staticmethod
    def of_user() -> ResultCache | None:
        """The cache of the user who runs us; None where there is no directory that only this user can write to."""
        directory = cache_directory()
        return ResultCache(os.path.join(directory, FILE_NAME)) if directory is not None else None

    def get_many(self, keys: list[bytes]) -> dict[bytes, bytes]:
        """The values that are remembered for some of the keys."""
        found: dict[bytes, bytes] = {}
        try:
            for start in range(0, len(keys), _KEYS_A_QUERY):
                some = keys[start : start + _KEYS_A_QUERY]
                marks = ",".join("?" * len(some))
                found.update(self._open().execute(f"SELECT key, value FROM results WHERE key IN ({marks})", some))
        except sqlite3.Error as error:
            self._give_up(error)
            return {}
        return found

    def put_many(self, values: Mapping[bytes, bytes]) -> None:
        """Remember values, all or none of them."""
        if not values:
            return
        try:
            connection = self._open()
            with connection:
                connection.executemany("INSERT OR REPLACE INTO results VALUES (?, ?)", values.items())
                self._forget_oldest(connection)
        except sqlite3.Error as error:
            self._give_up(error)

    def clear(self) -> None:
        """Forget everything."""
        self.close()
        for name in (self.path, f"{self.path}-journal"):
            if os.path.lexists(name):
                os.unlink(name)

    def close(self) -> None:
        """Let go of the file; the next use opens it again."""
        if self._connection is not None and self._process == os.getpid():
            self._connection.close()
        self._connection = None

    def _open(self) -> sqlite3.Connection:
        # A connection must not cross a fork.
        if self._connection is None or self._process != os.getpid():
            if not _is_own_file(self.path):
                raise sqlite3.OperationalError(f"{self.path} is not ours")
            connection = sqlite3.connect(self.path, timeout=_SECONDS_TO_WAIT)
            # Losing the file in a power failure costs a run's time; waiting for the disk would cost time in every run.
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute(_TABLE)
            self._connection = connection
            self._process = os.getpid()
        return self._connection

    def _forget_oldest(self, connection: sqlite3.Connection) -> None:
        ((pages,),) = connection.execute("PRAGMA page_count")
        ((free,),) = connection.execute("PRAGMA freelist_count")
        ((size,),) = connection.execute("PRAGMA page_size")
        if (pages - free) * size > self.maximum_bytes:
            connection.execute(
                "DELETE FROM results WHERE rowid IN (SELECT rowid FROM results ORDER BY rowid "
                "LIMIT (SELECT (count(*) + 1) / 2 FROM results))"
            )

    def _give_up(self, error: sqlite3.Error) -> None:
        self.close()
        # Operational errors (a lock, a full disk) pass; any other says that the file is not what it should be.
        is_damaged = type(error) is sqlite3.DatabaseError
        if is_damaged and _is_own_file(self.path):
            try:
                self.clear()
            except OSError:
                return


def cache_directory() -> str | None:
    """`$XDG_CACHE_HOME/dockerlang`, made with mode 0700; None where that cannot be or others could write to it.

    A directory in somebody else's home (root by `sudo`, which keeps HOME) is not made: its owner could not use it.
    """
    home = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(home):
        home = os.path.expanduser("~/.cache")
    directory = os.path.join(home, "dockerlang")
    try:
        if not os.path.isdir(directory):
            existing = directory
            while not os.path.exists(existing) and existing != os.path.dirname(existing):
                existing = os.path.dirname(existing)
            if os.stat(existing).st_uid != os.geteuid():
                return None
            os.makedirs(directory, mode=0o700, exist_ok=True)
        status = os.lstat(directory)
    except OSError:
        return None
    is_private = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022
    return directory if is_private and os.access(directory, os.W_OK) else None


def _is_own_file(path: str) -> bool:
    """Whether the file is ours alone to write, or is still to be made."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022
