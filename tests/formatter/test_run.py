"""Writing files back, where the outside world does not allow it."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from pathlib import Path

import pytest

from dockerlang.errors import InputError
from dockerlang.formatter.run import write_back

NOBODY = 65534


def test_a_protected_file_is_not_replaced() -> None:
    """Its folder would allow to put another file in its place; as root it is tried as another user."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "Dockerfile")
        path.write_text("from a")
        path.chmod(0o400)
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
            os.chown(path, NOBODY, NOBODY)
        child = multiprocessing.get_context("fork").Process(target=_write_as_nobody, args=(path,))
        child.start()
        child.join()
        assert child.exitcode == 0
        assert path.read_text() == "from a"
        assert os.listdir(folder) == ["Dockerfile"]


def _write_as_nobody(path: Path) -> None:
    if os.geteuid() == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    with pytest.raises(InputError, match="permission denied"):
        write_back(path, "FROM a\n")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot write"):
        write_back(tmp_path / "missing" / "Dockerfile", "FROM a\n")


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_leaves_the_owner_in_place(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text("from a")
    os.chown(path, 1234, 5678)
    write_back(path, "FROM a\n")
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 5678)
