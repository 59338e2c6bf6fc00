"""The tricky layers, made by name.

The recorded file holds what engines made of each layer, not the layer itself: here each is made again from its name and
from what came out of it. Python's own `tarfile` and raw header blocks write them, so that our codec is tested, too.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable

TIME = 1_700_000_000
ESCAPE = "/tmp/imgtest/tarx/ESCAPE"
"""Where the recorded links out of the root pointed to; the records show it as `<host path>`."""

_TYPES = {
    "file": tarfile.REGTYPE,
    "directory": tarfile.DIRTYPE,
    "symlink": tarfile.SYMTYPE,
    "hardlink": tarfile.LNKTYPE,
    "character": tarfile.CHRTYPE,
    "block": tarfile.BLKTYPE,
    "fifo": tarfile.FIFOTYPE,
}
_CAPABILITY = bytes.fromhex("0100000200040000000000000000000000000000")


class Member(tarfile.TarInfo):
    """A header together with its data."""

    content = b""


def entry(name: str, data: str = "", kind: str = "file", mode: int = 0o644, **fields: object) -> Member:
    """A member at the recorded time; `fields` are those of `tarfile.TarInfo`."""
    member = Member(name)
    member.type, member.mode, member.mtime = _TYPES[kind], mode, TIME
    member.content = data.encode()
    member.size = len(member.content)
    for field, value in fields.items():
        setattr(member, field, value)
    return member


def directory(name: str, mode: int = 0o755, **fields: object) -> Member:
    return entry(name, kind="directory", mode=mode, **fields)


def link(name: str, target: str, kind: str = "symlink") -> Member:
    return entry(name, kind=kind, mode=0o777 if kind == "symlink" else 0o644, linkname=target)


def archive(*members: Member, format: int = tarfile.PAX_FORMAT, end: bool = True) -> bytes:
    """The members as an archive; without `end` it lacks the empty blocks that close one."""
    blocks = []
    for member in members:
        padding = bytes(-len(member.content) % 512)
        blocks.append(member.tobuf(format, "utf-8", "surrogateescape") + member.content + padding)
    return b"".join(blocks) + (bytes(1024) if end else b"")


def extended(kind: bytes, records: dict[str, bytes]) -> bytes:
    """A PAX header of raw bytes: kind `x` for the next entry, `g` for all that follow."""
    body = b"".join(_record(name.encode(), value) for name, value in records.items())
    info = tarfile.TarInfo("PaxHeaders/raw")
    info.type, info.size = kind, len(body)
    return info.tobuf(tarfile.USTAR_FORMAT) + body + bytes(-len(body) % 512)


def base_layer() -> bytes:
    """The layer below each trick."""
    return archive(
        directory("d"),
        entry("d/gone", "gone"),
        entry("d/keep", "keep"),
        directory("d/sub"),
        entry("d/sub/x", "x"),
        directory("d2f"),
        entry("d2f/in", "in"),
        directory("d2l"),
        entry("d2l/in", "in"),
        entry("f2d", "was file"),
        entry("file", "file"),
        entry("tgt", "target"),
        entry("bin", "b", mode=0o755),
        directory("real"),
        entry("real/a", "a"),
        link("lnkdir", "real"),
    )


def trick_layer(name: str) -> bytes | None:
    """The layer of the case `name`; None where nobody can know what it held."""
    make = TRICKS.get(name)
    return None if make is None else make()


def _record(name: bytes, value: bytes) -> bytes:
    length = len(name) + len(value) + 3
    while len(b"%d" % length) + len(name) + len(value) + 3 != length:
        length = len(b"%d" % length) + len(name) + len(value) + 3
    return b"%d %s=%s\n" % (length, name, value)


def _with_type(flag: bytes) -> bytes:
    info = entry("odd", "")
    block = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    block[156:157] = flag
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + bytes(1024)


def _truncated() -> bytes:
    return archive(entry("cut", "y" * 2000))[: 512 + 1000]


def _with_attribute(name: str, value: bytes, info: Member) -> bytes:
    return extended(b"x", {f"SCHILY.xattr.{name}": value}) + archive(info)


def _big_owner(info: Member) -> bytes:
    return archive(info, format=tarfile.GNU_FORMAT)


TRICKS: dict[str, Callable[[], bytes]] = {
    "absolute": lambda: archive(entry("/abs", "x")),
    "add_then_whiteout_same": lambda: archive(entry("d/keep", "new"), entry("d/.wh.keep")),
    "backslash": lambda: archive(entry("a\\b", "x")),
    "bare_wh": lambda: archive(entry("d/.wh.")),
    "big_uid": lambda: archive(entry("bu", "x", uid=2_097_157, gid=2_147_483_646)),
    "blk": lambda: archive(entry("b1", kind="block", mode=0o660, devmajor=7, devminor=0)),
    "caps": lambda: _with_attribute("security.capability", _CAPABILITY, entry("capbin", "#!", mode=0o755)),
    "chr": lambda: archive(entry("c1", kind="character", mode=0o666, devmajor=1, devminor=3)),
    "chr00": lambda: archive(entry("d/gone", kind="character", mode=0o600)),
    "component_256": lambda: archive(entry("q" * 256, "x")),
    "concat_tars": lambda: archive(entry("ct1", "x")) + archive(entry("ct2", "x")),
    "dir_mode_later": lambda: archive(entry("ro/x", "x"), directory("ro", 0o555)),
    "dir_mtime": lambda: archive(directory("dm", mtime=1_600_000_000), entry("dm/x", "x")),
    "dir_to_file": lambda: archive(entry("d2f", "now file")),
    "dir_to_symlink": lambda: archive(link("d2l", "real")),
    "dotdot": lambda: archive(entry("../dotdot_pwn", "x")),
    "dotdot_mid": lambda: archive(entry("d/../../dotdot_pwn2", "x")),
    "dotslash": lambda: archive(entry("./ds", "x")),
    "dup": lambda: archive(entry("dup", "one"), entry("dup", "two22")),
    "dup_dir_file": lambda: archive(directory("dd"), entry("dd", "file")),
    "empty": archive,
    "fifo": lambda: archive(entry("p1", kind="fifo", mode=0o600)),
    "file_to_dir": lambda: archive(directory("f2d"), entry("f2d/x", "x")),
    "frac_mtime": lambda: extended(b"x", {"mtime": b"1700000000.123456789"}) + archive(entry("fm", "x")),
    "gnu_biguid": lambda: _big_owner(entry("gb", "x", uid=2_147_483_646)),
    "gnu_long": lambda: archive(entry("G" * 150, "x"), format=tarfile.GNU_FORMAT),
    "hardlink_escape": lambda: archive(link("h5", "../../../../etc/hostname", "hardlink")),
    "hardlink_fwd": lambda: archive(link("h8", "h7", "hardlink"), entry("h7", "x")),
    "hardlink_lower": lambda: archive(link("h3", "file", "hardlink")),
    "hardlink_missing": lambda: archive(link("h4", "nosuch", "hardlink")),
    "hardlink_same": lambda: archive(entry("h1", "hh"), link("h2", "h1", "hardlink")),
    "hardlink_to_symlink": lambda: archive(link("s1", "tgt"), link("h6", "s1", "hardlink")),
    "implied_parents": lambda: archive(entry("im/pl/ied", "x")),
    "long_name": lambda: archive(entry("/".join(["L" * 200, "m" * 200, "n" * 250]), "x")),
    "mtime_2100": lambda: archive(entry("m2", "x", mtime=4_102_444_800)),
    "neg_mtime": lambda: extended(b"x", {"mtime": b"-1000"}) + archive(entry("nm", "x")),
    "newline_name": lambda: archive(entry("new\nline", "x")),
    "no_eof": lambda: archive(entry("ne", "x"), end=False),
    "opaque_first": lambda: archive(directory("d"), entry("d/.wh..wh..opq"), entry("d/new", "n")),
    "opaque_last": lambda: archive(directory("d"), entry("d/new", "n"), entry("d/.wh..wh..opq")),
    "pax_global": lambda: extended(b"g", {"comment": b"0" * 40}) + archive(entry("g", "x")),
    "root_entry": lambda: archive(directory("./", 0o700)),
    "socketless_unknown_type": lambda: _with_type(b"9"),
    "sticky_dir": lambda: archive(directory("st", 0o1777)),
    "suid": lambda: archive(entry("su", "x", mode=0o4755, uid=1000, gid=1000)),
    "symlink_abs_escape": lambda: archive(link("esc", ESCAPE), entry("esc/pwn", "pwn")),
    "symlink_rel_escape": lambda: archive(link("esc", f"../../../../../../../..{ESCAPE}"), entry("esc/pwn", "pwn")),
    "symlink_then_through_same": lambda: archive(link("ln2", "real"), entry("ln2/new", "through")),
    "symlink_to_dir_entry": lambda: archive(directory("lnkdir", 0o700)),
    "trailing_garbage": lambda: archive(entry("tg", "x")) + b"garbage" * 100,
    "truncated": _truncated,
    "trusted_overlay_xattr": lambda: _with_attribute("trusted.overlay.opaque", b"y", entry("tx", "x")),
    "uid_over_32": lambda: _big_owner(entry("bu2", "x", uid=2**32 + 1)),
    "user_xattr": lambda: _with_attribute("user.foo", b"bar", entry("ux", "x")),
    "ustar": lambda: archive(entry("us", "x"), format=tarfile.USTAR_FORMAT),
    "utf8": lambda: archive(entry("h\u00e9\u4e2d", "x")),
    "volume_lbl": lambda: _with_type(b"V"),
    "wh_aufs_dir": lambda: archive(directory(".wh..wh.plnk"), entry(".wh..wh.aufs"), entry("ok2", "x")),
    "wh_prefix_real": lambda: archive(entry(".wh.never-there", "real content"), entry("ok", "x")),
    "whiteout_basic": lambda: archive(entry("d/.wh.gone")),
    "whiteout_dir": lambda: archive(entry(".wh.d")),
    "whiteout_nonexist": lambda: archive(entry("d/.wh.never-there")),
    "whiteout_then_add_same": lambda: archive(entry("d/.wh.keep"), entry("d/keep", "new")),
    "write_through_symlink_lower": lambda: archive(entry("lnkdir/new", "through")),
}
