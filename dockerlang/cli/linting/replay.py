"""A lint run that is asked for again, word for word and about the same bytes, says again what it said.

The linter's own cache spares the rules; this one spares the command line, too: a run that finds itself here imports
next to nothing. Everything that its output depends on is in the key: the words, the files that they may name with the
ignore files beside them, the configuration above, the environment, the terminal, and the version of the linter.
"""

from __future__ import annotations

import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence

from dockerlang.config.key_digest import SIZE, blake2b
from dockerlang.config.source_stamp import source_stamp
from dockerlang.linter.cache import ResultCache
from dockerlang.linter.shellcheck_program import find_program, program_identity

MAXIMUM_BYTES = 16 * 1024 * 1024
"""The longest output that is remembered."""
_CONFIGURATIONS = ("dockerlang.toml", "pyproject.toml", ".hadolint.yaml", ".hadolint.yml")
_IGNORE_FILE = ".dockerignore"
_LOOKS = ("NO_COLOR", "TERM", "COLUMNS")
_BROKEN_PIPE = 141


def replay(arguments: Sequence[str]) -> int | None:
    """Print what the same run has printed; its exit code, or None where it has to be run."""
    key = run_key(arguments)
    cache = ResultCache.of_user() if key is not None else None
    if key is None or cache is None:
        return None
    value = cache.get_many([key]).get(key)
    if value is None:
        return None
    try:
        text = zlib.decompress(value[1:]).decode("utf-8", "surrogatepass")
    except (zlib.error, UnicodeDecodeError):
        # It will be overwritten by the run that follows.
        return None
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has gone; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    return value[0]


def remember(key: bytes, code: int, text: str) -> None:
    """Keep what a run has printed; it must depend on nothing but what `run_key` has looked at."""
    cache = ResultCache.of_user()
    data = text.encode("utf-8", "surrogatepass")
    if cache is not None and len(data) <= MAXIMUM_BYTES:
        cache.put_many({key: bytes([code]) + zlib.compress(data, 1)})


def run_key(arguments: Sequence[str]) -> bytes | None:
    """The key of a run; None for what is not to be remembered: other commands, folders, standard input."""
    if arguments[:1] != ["lint"] or "--no-cache" in arguments:
        return None
    digest = blake2b(digest_size=SIZE)

    def add(data: bytes | str | None) -> None:
        # Lengths keep one part from being read as the end of another.
        raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        digest.update(b"-" if raw is None else b"%d:" % len(raw))
        digest.update(raw or b"")

    try:
        for part in _of_the_run(arguments):
            add(part)
        for folder in _folders_up(os.getcwd()):
            for name in _CONFIGURATIONS:
                add(_bytes(os.path.join(folder, name)))
        _add_files(named_files(arguments), add)
    except OSError:
        # What cannot be read has a message of its own.
        return None
    return digest.digest()


def named_files(arguments: Sequence[str]) -> list[str]:
    """The words that may name files; which of them are values of options does not matter here."""
    return [word for word in arguments[1:] if not word.startswith("-")]


def _of_the_run(arguments: Sequence[str]) -> Iterator[str]:
    yield "lint run"
    yield source_stamp()
    yield f"{sys.version_info[:2]} {os.uname().machine}"
    program = find_program()
    yield program_identity(program) if program is not None else ""
    yield os.getcwd()
    yield from arguments
    for name in sorted(os.environ):
        if name.startswith("HADOLINT_") or name in _LOOKS:
            yield f"{name}={os.environ[name]}"
    yield str(os.get_terminal_size(sys.stdout.fileno()).columns) if sys.stdout.isatty() else "no terminal"


def _folders_up(folder: str) -> Iterator[str]:
    """The folders in which configurations are looked for: up to the root of a repository."""
    while True:
        yield folder
        parent = os.path.dirname(folder)
        if parent == folder or os.path.exists(os.path.join(folder, ".git")):
            return
        folder = parent


def _add_files(names: Sequence[str], add: Callable[[bytes | None], None]) -> None:
    ignored: dict[str, bytes | None] = {}
    for name in names:
        add(_bytes(name))
        add(_bytes(f"{name}{_IGNORE_FILE}"))
        folder = os.path.dirname(name)
        if folder not in ignored:
            ignored[folder] = _bytes(os.path.join(folder, _IGNORE_FILE))
        add(ignored[folder])


def _bytes(path: str) -> bytes | None:
    """The content of a file, None where there is none. Raises `OSError` for folders and what cannot be read."""
    try:
        # A pipe would give its content once, and a device for ever.
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise IsADirectoryError(path)
        with open(path, "rb", buffering=0) as file:
            return file.readall()
    except (FileNotFoundError, NotADirectoryError):
        return None
