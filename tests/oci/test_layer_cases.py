"""Tricky layers on an ordinary one: what docker, containerd, podman and umoci agree on, and our choice elsewhere.

Each case says what the layer on top changes in the listing: the new line of a path, or None for one that is gone.
"""

from __future__ import annotations

import io
import tarfile

import pytest

from dockerlang.errors import InputError
from dockerlang.oci.tar import Entry, Kind
from dockerlang.oci.tar.header import Header, pack
from tests.oci.archives import SECOND, Item, archive, directory, file, hardlink, listing, special, symlink

BASE = archive(
    file("file", b"file"),
    file("f2d", b"was file"),
    file("tgt", b"target"),
    file("bin", b"b", mode=0o755),
    directory("real"),
    file("real/a", b"a"),
    symlink("lnkdir", "real"),
    directory("d2f"),
    file("d2f/in", b"in"),
    directory("d2l"),
    file("d2l/in", b"in"),
    directory("d"),
    file("d/gone", b"gone"),
    file("d/keep", b"keep"),
    directory("d/sub"),
    file("d/sub/x", b"x"),
)
PLAIN = "file 644 0:0 1700000000"
DIRECTORY = "directory 755 0:0 1700000000"
IMPLIED = "directory 755 0:0 now"
LINK = "symlink 777 0:0 1700000000"

Changes = dict[str, str | None]


def raw(path: bytes, flag: bytes, content: bytes = b"", **fields: bytes) -> bytes:
    """An entry of any type, with data, as no writer of ours would make it."""
    block = pack(b"", Header(path, 0o644, 0, 0, len(content), 1_700_000_000, flag, fields.get("link", b""), 0, 0))
    return block + content + bytes(-len(content) % 512)


def gnu(path: str, **fields: object) -> bytes:
    """A file of one `x` in GNU tar's own format."""
    member = tarfile.TarInfo(path)
    member.size, member.mtime, member.mode = 1, 1_700_000_000, 0o644
    for name, value in fields.items():
        setattr(member, name, value)
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as library:
        library.addfile(member, io.BytesIO(b"x"))
    return stream.getvalue()


def whiteout(path: str) -> Item:
    return file(path, b"", mode=0, mtime_ns=0)


END = bytes(1024)
LONG = "L" * 200 + "/" + "m" * 150
CAPABILITY = bytes.fromhex("0100000200040000000000000000000000000000")
GONE_BELOW_D: Changes = dict.fromkeys(["d/gone", "d/keep", "d/sub", "d/sub/x"])

AGREED: dict[str, tuple[bytes, Changes]] = {
    "absolute": (raw(b"/abs", b"0", b"x"), {"abs": f"{PLAIN} x"}),
    "backslash": (archive(file("a\\b")), {"a\\b": f"{PLAIN} x"}),
    "big_uid": (archive(file("bu", uid=2097157, gid=2147483646)), {"bu": "file 644 2097157:2147483646 1700000000 x"}),
    "blk": (
        archive(special("b1", Kind.BLOCK_DEVICE, mode=0o660, dev_major=7)),
        {"b1": "block_device 660 0:0 1700000000 7,0"},
    ),
    "caps": (
        archive(file("capbin", b"#!", mode=0o755, xattrs={b"security.capability": CAPABILITY})),
        {"capbin": f"file 755 0:0 1700000000 #! security.capability={CAPABILITY.hex()}"},
    ),
    "chr": (
        archive(special("c1", Kind.CHARACTER_DEVICE, mode=0o666, dev_major=1, dev_minor=3)),
        {"c1": "character_device 666 0:0 1700000000 1,3"},
    ),
    "concat_tars": (archive(file("ct1")) + archive(file("ct2")), {"ct1": f"{PLAIN} x"}),
    "dir_mode_later": (
        archive(directory("ro", mode=0o555), file("ro/x")),
        {"ro": "directory 555 0:0 1700000000", "ro/x": f"{PLAIN} x"},
    ),
    "dir_mtime": (
        archive(directory("dm", mtime_ns=1_600_000_000 * SECOND), file("dm/x")),
        {"dm": "directory 755 0:0 1600000000", "dm/x": f"{PLAIN} x"},
    ),
    "dir_to_file": (archive(file("d2f", b"now file")), {"d2f": f"{PLAIN} now file", "d2f/in": None}),
    "dir_to_symlink": (archive(symlink("d2l", "real")), {"d2l": f"{LINK} -> real", "d2l/in": None}),
    "dotdot_mid": (archive(file("d/../dotdot_pwn2")), {"dotdot_pwn2": f"{PLAIN} x"}),
    "dotslash": (archive(file("./ds")), {"ds": f"{PLAIN} x"}),
    "empty": (archive(), {}),
    "fifo": (archive(special("p1", Kind.FIFO, mode=0o600)), {"p1": "fifo 600 0:0 1700000000"}),
    "file_to_dir": (archive(directory("f2d"), file("f2d/x")), {"f2d": DIRECTORY, "f2d/x": f"{PLAIN} x"}),
    "frac_mtime": (
        archive(file("fm", mtime_ns=1_700_000_000_123_456_717)),
        {"fm": "file 644 0:0 1700000000.123456717 x"},
    ),
    "gnu_biguid": (gnu("gb", uid=2147483646), {"gb": "file 644 2147483646:0 1700000000 x"}),
    "gnu_long": (gnu("G" * 150), {"G" * 150: f"{PLAIN} x"}),
    "hardlink_same": (
        archive(file("h1", b"hh"), hardlink("h2", "h1")),
        {"h1": f"{PLAIN} hh names=2", "h2": f"{PLAIN} hh names=2"},
    ),
    "hardlink_to_symlink": (
        archive(symlink("s1", "tgt"), hardlink("h6", "s1")),
        {"s1": f"{LINK} -> tgt names=2", "h6": f"{LINK} -> tgt names=2"},
    ),
    "implied_parents": (archive(file("im/pl/ied")), {"im": IMPLIED, "im/pl": IMPLIED, "im/pl/ied": f"{PLAIN} x"}),
    "long_name": (archive(file(LONG)), {"L" * 200: IMPLIED, LONG: f"{PLAIN} x"}),
    "mtime_2100": (archive(file("m2", mtime_ns=4_102_444_800 * SECOND)), {"m2": "file 644 0:0 4102444800 x"}),
    "newline_name": (archive(file("new\nline")), {"new\nline": f"{PLAIN} x"}),
    "no_eof": (raw(b"ne", b"0", b"x"), {"ne": f"{PLAIN} x"}),
    "opaque_first": (
        archive(directory("d"), whiteout("d/.wh..wh..opq"), file("d/new", b"n")),
        GONE_BELOW_D | {"d/new": f"{PLAIN} n"},
    ),
    "opaque_last": (
        archive(directory("d"), file("d/new", b"n"), whiteout("d/.wh..wh..opq")),
        GONE_BELOW_D | {"d/new": f"{PLAIN} n"},
    ),
    "sticky_dir": (archive(directory("st", mode=0o1777)), {"st": "directory 1777 0:0 1700000000"}),
    "suid": (archive(file("su", mode=0o4755, uid=1000, gid=1000)), {"su": "file 4755 1000:1000 1700000000 x"}),
    "symlink_to_dir_entry": (
        archive(directory("lnkdir", mode=0o700)),
        {"lnkdir": "directory 700 0:0 1700000000"},
    ),
    "trailing_garbage": (archive(file("tg")) + b"garbage" * 100, {"tg": f"{PLAIN} x"}),
    "user_xattr": (archive(file("ux", xattrs={b"user.foo": b"bar"})), {"ux": f"{PLAIN} x user.foo=626172"}),
    "utf8": (archive(file("hé中")), {"hé中": f"{PLAIN} x"}),
    "wh_aufs_dir": (archive(directory(".wh..wh.plnk"), file(".wh..wh.plnk/1.2"), file("ok2")), {"ok2": f"{PLAIN} x"}),
    "wh_prefix_real": (archive(file(".wh.never-there"), file("ok")), {"ok": f"{PLAIN} x"}),
    "whiteout_dir": (archive(whiteout(".wh.d")), GONE_BELOW_D | {"d": None}),
}

CHOSEN: dict[str, tuple[bytes, Changes]] = {
    "add_then_whiteout_same: a whiteout acts on lower layers only": (
        archive(directory("d"), file("d/keep", b"new"), whiteout("d/.wh.keep")),
        {"d/keep": f"{PLAIN} new"},
    ),
    "whiteout_then_add_same": (
        archive(directory("d"), whiteout("d/.wh.keep"), file("d/keep", b"new")),
        {"d/keep": f"{PLAIN} new"},
    ),
    "whiteout_basic: the directory's time is restored": (archive(whiteout("d/.wh.gone")), {"d/gone": None}),
    "whiteout_nonexist": (archive(whiteout("d/.wh.nothing"), whiteout("new/.wh.thing")), {"new": IMPLIED}),
    "whiteout through a link of a lower layer": (archive(whiteout("lnkdir/.wh.a")), {"real/a": None}),
    "opaque through a link of a lower layer": (archive(whiteout("lnkdir/.wh..wh..opq")), {"real/a": None}),
    "below a link that the layer itself replaces": (
        archive(directory("lnkdir"), file("lnkdir/sub/x")),
        {"lnkdir": DIRECTORY, "lnkdir/sub": IMPLIED, "lnkdir/sub/x": f"{PLAIN} x"},
    ),
    "below a link that the layer itself deletes": (
        archive(whiteout(".wh.lnkdir"), file("lnkdir/x")),
        {"lnkdir": IMPLIED, "lnkdir/x": f"{PLAIN} x"},
    ),
    "below a file of a lower layer": (archive(file("file/x")), {"file": IMPLIED, "file/x": f"{PLAIN} x"}),
    "a link to a link to a lower file": (
        archive(hardlink("h1", "lnkdir/a"), hardlink("h2", "h1")),
        dict.fromkeys(("h1", "h2", "real/a"), f"{PLAIN} a names=3"),
    ),
    "a whiteout of a directory that comes back": (
        archive(whiteout(".wh.d"), directory("d", mode=0o700), file("d/new")),
        GONE_BELOW_D | {"d": "directory 700 0:0 1700000000", "d/new": f"{PLAIN} x"},
    ),
    "an opaque root": (
        archive(whiteout(".wh..wh..opq"), file("only")),
        dict.fromkeys(listing([BASE])) | {"only": f"{PLAIN} x"},
    ),
    "hardlink_lower: the lower file under one more name": (
        archive(hardlink("h3", "file")),
        {"h3": f"{PLAIN} file names=2", "file": f"{PLAIN} file names=2"},
    ),
    "write_through_symlink_lower": (archive(file("lnkdir/new", b"through")), {"real/new": f"{PLAIN} through"}),
    "symlink_then_through_same": (
        archive(symlink("ln2", "real"), file("ln2/new", b"through")),
        {"ln2": f"{LINK} -> real", "real/new": f"{PLAIN} through"},
    ),
    "symlink_abs_escape: clamped into the root": (
        archive(symlink("esc", "/tmp/out"), file("esc/pwn", b"pwn")),
        {"esc": f"{LINK} -> /tmp/out", "tmp": IMPLIED, "tmp/out": IMPLIED, "tmp/out/pwn": f"{PLAIN} pwn"},
    ),
    "symlink_rel_escape: clamped into the root": (
        archive(symlink("esc", "../../../out"), file("esc/pwn", b"pwn")),
        {"esc": f"{LINK} -> ../../../out", "out": IMPLIED, "out/pwn": f"{PLAIN} pwn"},
    ),
    "dotdot: clamped into the root": (archive(file("../dotdot_pwn")), {"dotdot_pwn": f"{PLAIN} x"}),
    "dup: the last one counts": (archive(file("dup", b"one"), file("dup", b"two22")), {"dup": f"{PLAIN} two22"}),
    "dup_dir_file": (archive(directory("dd"), file("dd/x"), file("dd", b"file")), {"dd": f"{PLAIN} file"}),
    "neg_mtime: kept when read": (
        raw(b"p", b"x", b"15 mtime=-1000\n") + raw(b"nm", b"0", b"x"),
        {"nm": "file 644 0:0 -1000 x"},
    ),
    "pax_global: accepted and not applied": (
        raw(b"pax_global_header", b"g", b"19 comment=archive\n") + raw(b"g", b"0", b"x"),
        {"g": f"{PLAIN} x"},
    ),
    "trusted_overlay_xattr: stripped": (
        archive(file("tx", xattrs={b"trusted.overlay.opaque": b"y", b"user.overlay.impure": b"y", b"user.a": b"b"})),
        {"tx": f"{PLAIN} x user.a=62"},
    ),
}

REFUSED: dict[str, bytes] = {
    "bare_wh": archive(file("d/.wh.")),
    "chr00": archive(special("d/gone", Kind.CHARACTER_DEVICE, mode=0o600)),
    "component_256": archive(file("q" * 256)),
    "path_4096": archive(file("/".join(["p" * 250] * 17))),
    "hardlink_escape": archive(hardlink("h5", "../../etc/hostname")),
    "hardlink_fwd": archive(hardlink("h8", "h7"), file("h7")),
    "hardlink_missing": archive(hardlink("h4", "nosuch")),
    "hardlink_directory": archive(hardlink("h9", "d")),
    "hardlink_itself": archive(hardlink("h", "h")),
    "socketless_unknown_type": raw(b"unk", b"9"),
    "volume_lbl": raw(b"vol", b"V"),
    "truncated": archive(file("tr", b"x" * 2000))[:1000],
    "uid_over_32": raw(b"p", b"x", b"18 uid=4294967297\n") + raw(b"bu2", b"0", b"x"),
    "below_a_file": archive(file("a"), file("a/b")),
    "whiteout_as_directory": archive(directory(".wh.d"), file(".wh.d/x")),
    "whiteout_of_parent": archive(file("d/.wh...")),
    "root_is_a_file": archive(symlink("./.", "tgt")),
    "link_loop": archive(symlink("l1", "l2"), symlink("l2", "l1"), file("l1/x")),
}


@pytest.mark.parametrize(("layer", "changes"), AGREED.values(), ids=AGREED)
def test_what_four_engines_agree_on(layer: bytes, changes: Changes) -> None:
    assert _changed(layer) == changes


@pytest.mark.parametrize(("layer", "changes"), CHOSEN.values(), ids=CHOSEN)
def test_what_we_choose_where_they_differ(layer: bytes, changes: Changes) -> None:
    assert _changed(layer) == changes


@pytest.mark.parametrize("layer", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(layer: bytes) -> None:
    with pytest.raises(InputError) as caught:
        listing([BASE, layer])
    assert "\n" not in str(caught.value)


def test_the_root_takes_the_attributes_of_its_entry() -> None:
    from tests.oci.archives import tree_of

    root = tree_of(BASE, archive(directory("./", mode=0o711, uid=5))).lookup(b"/")
    assert root is not None
    assert root.entry == Entry(b"", Kind.DIRECTORY, 0o711, uid=5, mtime_ns=1_700_000_000 * SECOND)


def _changed(layer: bytes) -> Changes:
    before, after = listing([BASE]), listing([BASE, layer])
    changed: Changes = {path: line for path, line in after.items() if before.get(path) != line}
    return changed | {path: None for path in before if path not in after}
