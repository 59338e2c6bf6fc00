from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockerlang.errors import InputError
from dockerlang.oci.layer.paths import resolve_in_root
from dockerlang.runtime.in_root import InRoot, Wanted, remove_stubs


@contextmanager
def in_root(directory: Path) -> Iterator[InRoot]:
    descriptor = os.open(directory, os.O_PATH | os.O_DIRECTORY)
    try:
        yield InRoot(descriptor)
    finally:
        os.close(descriptor)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with every kind of link that might lead out of it, and a secret beside it."""
    directory = tmp_path_factory.mktemp("in_root")
    (directory / "secret").write_text("outside")
    root = directory / "root"
    for name in ("a/b", "etc", "proc"):
        (root / name).mkdir(parents=True)
    for name in ("a/file", "etc/passwd", "secret"):
        (root / name).write_text("inside")
    links = {
        "up": "../../../..",
        "out": "../secret",
        "absolute": "/etc",
        "a/b/parent": "..",
        "a/here": ".",
        "loop": "loop",
        "one": "two",
        "two": "one",
        "dangling": "nowhere/at/all",
        "host": str(directory),
        "chain": "absolute/../a/b/parent/here",
    }
    for name, target in links.items():
        os.symlink(target, root / name)
    return root


def content(image: Path, path: str) -> str:
    with in_root(image) as opener, opener.place(path) as place:
        return Path(place).read_text()


@pytest.mark.parametrize(
    "path",
    ["/secret", "out", "up/secret", "../../secret", "absolute/passwd", "chain/file", "a/b/parent/../etc/passwd"],
)
def test_no_path_leads_out(image: Path, path: str) -> None:
    assert content(image, path) == "inside"


@pytest.mark.parametrize("path", ["loop", "one", "two/x", "host/secret", "dangling", "a/file/x", "etc/nothing"])
def test_what_is_not_there_is_an_error(image: Path, path: str) -> None:
    with pytest.raises(OSError):
        content(image, path)


_NAMES = st.sampled_from(
    [
        "a",
        "b",
        "..",
        ".",
        "",
        "up",
        "out",
        "absolute",
        "parent",
        "here",
        "loop",
        "chain",
        "etc",
        "file",
        "passwd",
        "two",
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(names=st.lists(_NAMES, max_size=8))
def test_the_pure_rules_lead_to_the_same_file(image: Path, names: list[str]) -> None:
    def link_at(path: bytes) -> bytes | None:
        full = os.fsencode(image) + b"/" + path
        return os.readlink(full) if os.path.islink(full) else None

    path = "/".join(names)
    expected: tuple[int, int] | None
    try:
        status = os.lstat(os.fsencode(image) + b"/" + resolve_in_root(path.encode(), link_at))
        expected = status.st_dev, status.st_ino
    except (InputError, OSError):
        expected = None
    try:
        with in_root(image) as opener, opener.open(path) as descriptor:
            status = os.fstat(descriptor)
            actual = status.st_dev, status.st_ino
    except NotADirectoryError:
        # The kernel minds `file/..`, which by the text alone is fine.
        return
    except OSError:
        assert expected is None or ".." in names
        return
    assert actual == expected


def test_made_mount_points_go_and_times_come_back(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    os.utime(tmp_path / "etc", ns=(5, 5))
    with in_root(tmp_path) as opener:
        with opener.open("/etc/hosts", Wanted.FILE), opener.open("/new/deep", Wanted.DIRECTORY):
            assert (tmp_path / "etc" / "hosts").is_file()
            assert (tmp_path / "new" / "deep").is_dir()
        with opener.open("/etc/hosts", Wanted.FILE):
            assert len(opener.stubs) == 3
        touched = opener.touched()
    remove_stubs(tmp_path, tuple(opener.stubs), touched)
    assert os.listdir(tmp_path) == ["etc"]
    assert os.listdir(tmp_path / "etc") == []
    assert (tmp_path / "etc").stat().st_mtime_ns == 5


def test_what_the_process_put_there_stays(tmp_path: Path) -> None:
    for name in ("kept", "replaced", "gone"):
        (tmp_path / name).mkdir()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").touch()
    with in_root(tmp_path) as opener:
        for path in ("kept/file", "replaced/file", "gone/file"):
            with opener.open(path, Wanted.FILE):
                pass
        with opener.open("directory", Wanted.DIRECTORY):
            pass
        touched = opener.touched()
    (tmp_path / "kept" / "file").write_text("something")
    (tmp_path / "directory" / "within").touch()
    for name in ("replaced", "gone"):
        (tmp_path / name / "file").unlink()
        (tmp_path / name).rmdir()
    os.symlink(outside, tmp_path / "replaced")
    remove_stubs(tmp_path, tuple(opener.stubs), touched)
    assert (tmp_path / "kept" / "file").read_text() == "something"
    assert (tmp_path / "directory" / "within").exists()
    assert (outside / "file").exists()
