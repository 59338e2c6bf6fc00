"""Running Python as somebody who is not root, when the tests themselves are run by root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
_INTERPRETERS = (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3")
_IDS = "400000-465535"


@dataclass(frozen=True)
class Person:
    """An account, a directory that is its own, and an interpreter that it may use."""

    uid: int
    gid: int
    directory: Path
    interpreter: str

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the interpreter, which finds this checkout and the installed packages."""
        return _run(self.interpreter, self.uid, self.gid, self.directory, arguments)


@contextmanager
def temporary_account() -> Iterator[tuple[int, int]]:
    """An account with its own ranges of subordinate ids; needs root, and the tools of the package `passwd`."""
    name = f"dltest{os.getpid()}"
    subprocess.run(["useradd", "--no-create-home", "--shell", "/bin/sh", name], check=True)
    try:
        if name not in Path("/etc/subuid").read_text():
            subprocess.run(["usermod", "--add-subuids", _IDS, "--add-subgids", _IDS, name], check=True)
        account = pwd.getpwnam(name)
        yield account.pw_uid, account.pw_gid
    finally:
        subprocess.run(["userdel", name], check=True)


@contextmanager
def as_person(uid: int, gid: int) -> Iterator[Person]:
    """Somebody with a directory; skips the test where he can run no Python (in CI it fails)."""
    directory = Path(tempfile.mkdtemp(prefix="dockerlang-test-"))
    try:
        os.chown(directory, uid, gid)
        for interpreter in _INTERPRETERS:
            try:
                done = _run(interpreter, uid, gid, directory, ("-c", "import dockerlang.runtime.rootless, click"))
            except OSError:
                continue
            if done.returncode == 0:
                yield Person(uid, gid, directory, interpreter)
                return
        reason = "no interpreter and checkout that an ordinary user may read"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    finally:
        shutil.rmtree(directory)


def _run(
    interpreter: str, uid: int, gid: int, directory: Path, arguments: tuple[str, ...]
) -> subprocess.CompletedProcess[str]:
    packages = [path for path in sys.path if path.endswith("-packages")]
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(directory),
        "PYTHONPATH": ":".join([str(REPOSITORY), *packages]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [interpreter, *arguments],
        user=uid,
        group=gid,
        extra_groups=[],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
