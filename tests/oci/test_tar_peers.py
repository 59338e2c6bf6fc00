"""The tar codec against GNU tar, in both directions."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from dockerlang.oci.tar import Entry, Kind, read_entries
from tests.oci.archives import SECOND, TIME, archive, directory, file, hardlink, special, symlink

pytestmark = pytest.mark.peer

GNU_TAR = shutil.which("tar") or ""
if not os.environ.get("CI") and not GNU_TAR:
    pytest.skip("GNU tar is not installed", allow_module_level=True)

ODD_NAMES = [
    "plain",
    "n" * 100,
    "n" * 101,
    "p" * 155 + "/" + "n" * 100,
    "deep/" * 60 + "file",
    "é中/ü",
    "bytes \udcff\udcfe",
    "new\nline",
    "back\\slash",
    " blank ",
    "=15 path=x",
]


def run(*arguments: str, stdin: bytes = b"", cwd: Path | None = None) -> bytes:
    # In the plain C locale GNU tar would convert names.
    done = subprocess.run(
        [GNU_TAR, *arguments], input=stdin, cwd=cwd, capture_output=True, check=False, env={"LC_ALL": "C.UTF-8"}
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def test_gnu_tar_unpacks_what_we_write(tmp_path: Path) -> None:
    uid, gid = os.getuid(), os.getgid()
    items = [
        file(name, f"content of {number}".encode() * 50, mode=0o640, uid=uid, gid=gid, mtime_ns=TIME * SECOND + number)
        for number, name in enumerate(ODD_NAMES)
    ]
    items += [
        directory("directory", mode=0o750, uid=uid, gid=gid),
        symlink("link", "t" * 180, uid=uid, gid=gid),
        hardlink("hard", "plain", uid=uid, gid=gid, mtime_ns=items[0][0].mtime_ns),
    ]
    run("-xp", "-C", str(tmp_path), stdin=archive(*items))
    for entry, content in items:
        path = os.path.join(os.fsencode(tmp_path), entry.path)
        found = os.lstat(path)
        if entry.kind is Kind.FILE:
            assert Path(os.fsdecode(path)).read_bytes() == content
            assert found.st_mode & 0o7777 == 0o640
            assert found.st_mtime_ns == entry.mtime_ns
        elif entry.kind is Kind.SYMLINK:
            assert os.readlink(path) == entry.link
    assert (tmp_path / "hard").stat().st_ino == (tmp_path / "plain").stat().st_ino
    assert (tmp_path / "directory").stat().st_mode & 0o7777 == 0o750


def test_gnu_tar_lists_owners_devices_and_times_as_we_wrote_them() -> None:
    data = archive(
        file("big", uid=4294967294, gid=2097152),
        file("late", mtime_ns=8**11 * SECOND),
        special("null", Kind.CHARACTER_DEVICE, mode=0o666, dev_major=1, dev_minor=3),
        special("disk", Kind.BLOCK_DEVICE, mode=0o660, dev_major=8, dev_minor=300),
        special("pipe", Kind.FIFO, mode=0o600),
        file("set", mode=0o6755, xattrs={b"user.colour": b"\0\xff\n="}),
    )
    lines = run("-tv", "--numeric-owner", "--full-time", "--utc", stdin=data).decode().splitlines()
    assert [" ".join(line.split()) for line in lines] == [
        "-rw-r--r-- 4294967294/2097152 1 2023-11-14 22:13:20 big",
        "-rw-r--r-- 0/0 1 2242-03-16 12:56:32 late",
        "crw-rw-rw- 0/0 1,3 2023-11-14 22:13:20 null",
        "brw-rw---- 0/0 8,300 2023-11-14 22:13:20 disk",
        "prw------- 0/0 0 2023-11-14 22:13:20 pipe",
        "-rwsr-sr-x 0/0 1 2023-11-14 22:13:20 set",
    ]


@pytest.mark.parametrize("form", ["v7", "ustar", "oldgnu", "gnu", "posix"])
def test_we_read_every_format_of_gnu_tar(form: str, tmp_path: Path) -> None:
    names = ["plain", "sub/inner", "n" * 97] if form in ("v7", "ustar") else ODD_NAMES
    expected = {}
    for number, name in enumerate(names):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"content" * number)
        path.chmod(0o604)
        # Only PAX has fractions of a second.
        time = TIME * SECOND + (123_456_789 if form == "posix" else 0)
        os.utime(path, ns=(time, time))
        content = b"content" * number
        expected[os.fsencode(f"./{name}")] = (
            Entry(os.fsencode(f"./{name}"), Kind.FILE, 0o604, os.getuid(), os.getgid(), len(content), time),
            content,
        )
    (tmp_path / "link").symlink_to("plain")
    os.link(tmp_path / "plain", tmp_path / "zz-hard")
    data = run("-c", f"--format={form}", "--sort=name", ".", cwd=tmp_path)
    found = {}
    others = {}
    for entry, reader, _ in read_entries(io.BytesIO(data)):
        if entry.kind is Kind.FILE:
            found[entry.path] = entry, reader.read()
        else:
            others[entry.path] = entry.kind, entry.link
    assert found == expected
    assert others[b"./link"] == (Kind.SYMLINK, b"plain")
    assert others[b"./zz-hard"] == (Kind.HARDLINK, b"./plain")
    assert others[b"."] == (Kind.DIRECTORY, b"")


def test_extended_attributes_of_gnu_tar_are_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    try:
        os.setxattr(tmp_path / "a", "user.colour", b"\0\xffred\n")
    except OSError:
        pytest.skip("the file system of temporary files has no extended attributes")
    data = run("-c", "--xattrs", "--format=posix", "a", cwd=tmp_path)
    assert [dict(entry.xattrs) for entry, _, _ in read_entries(io.BytesIO(data))] == [{b"user.colour": b"\0\xffred\n"}]
    out = tmp_path / "out"
    out.mkdir()
    run(
        "-x",
        "--xattrs",
        "--xattrs-include=*",
        "-C",
        str(out),
        stdin=archive(file("b", xattrs={b"user.c": "\0\n=é".encode()})),
    )
    assert os.getxattr(out / "b", "user.c") == "\0\n=é".encode()


def test_sparse_files_of_gnu_tar_are_refused_with_the_way_out(tmp_path: Path) -> None:
    from dockerlang.errors import InputError

    with (tmp_path / "holes").open("wb") as holes:
        holes.truncate(1 << 20)
    for form in ("gnu", "posix"):
        data = run("-cS", f"--format={form}", "holes", cwd=tmp_path)
        with pytest.raises(InputError) as caught:
            list(read_entries(io.BytesIO(data)))
        assert "--sparse" in caught.value.hint
