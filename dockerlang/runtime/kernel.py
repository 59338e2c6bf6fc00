"""The Linux system calls that Python's standard library does not wrap.

Each raises OSError with the kernel's error number. Constants have the kernel's names.
"""

from __future__ import annotations

import ctypes
import os
import platform
from ctypes import c_char_p, c_int, c_long, c_uint32, c_ulong, c_void_p

Pathname = str | bytes | os.PathLike[str]

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MS_NOATIME = 1024
MS_NODIRATIME = 2048
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18
MS_RELATIME = 1 << 21
MS_STRICTATIME = 1 << 24

MNT_DETACH = 2

_AT_RECURSIVE = 0x8000
_AT_EMPTY_PATH = 0x1000
_MOUNT_ATTR_RDONLY = 1
_MOUNT_ATTR_CLOSED = 2 | 4 | 8  # no set-user-ID bits, no devices, no programs
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NAME = 15
_PR_CAPBSET_READ = 23
_PR_CAPBSET_DROP = 24
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2
_LINUX_CAPABILITY_VERSION_3 = 0x20080522
# Numbers since 5.2 are the same everywhere; the older ones below come from x86_64's table and from the generic one.
_SYS_MOUNT_SETATTR = 442
_IS_X86_64 = platform.machine() == "x86_64"
_SYS_PIVOT_ROOT, _SYS_CAPGET, _SYS_CAPSET = (155, 125, 126) if _IS_X86_64 else (41, 90, 91)
_SYS_KEYCTL = 250 if _IS_X86_64 else 219
_KEYCTL_JOIN_SESSION_KEYRING = 1

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mount.argtypes = (c_char_p, c_char_p, c_char_p, c_ulong, c_char_p)
_libc.umount2.argtypes = (c_char_p, c_int)
_libc.unshare.argtypes = (c_int,)
_libc.setns.argtypes = (c_int, c_int)
_libc.sethostname.argtypes = (c_char_p, ctypes.c_size_t)
_libc.setdomainname.argtypes = (c_char_p, ctypes.c_size_t)
_libc.syscall.restype = c_long


def mount(source: Pathname, target: Pathname, kind: str = "", flags: int = 0, options: str = "") -> None:
    """mount(2)."""
    result = _libc.mount(os.fsencode(source), os.fsencode(target), kind.encode(), flags, options.encode())
    _check(result, target)


def unmount(target: Pathname, flags: int = 0) -> None:
    """umount2(2)."""
    _check(_libc.umount2(os.fsencode(target), flags), target)


def set_read_only_recursively(descriptor: int) -> None:
    """mount_setattr(2), Linux 5.12: make the mount that `descriptor` (O_PATH) stands on, and all below, read-only."""
    _set_mount_attributes(descriptor, _MOUNT_ATTR_RDONLY)


def restrict_mounts(descriptor: int, *, is_read_only: bool) -> None:
    """mount_setattr(2): the same with files that are data alone, and no programs or devices; read-only if wanted."""
    _set_mount_attributes(descriptor, _MOUNT_ATTR_CLOSED | (_MOUNT_ATTR_RDONLY if is_read_only else 0))


def _set_mount_attributes(descriptor: int, wanted: int) -> None:
    attributes = (ctypes.c_uint64 * 4)(wanted, 0, 0, 0)
    arguments = (c_int(descriptor), c_char_p(b""), c_int(_AT_EMPTY_PATH | _AT_RECURSIVE))
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    _check(_libc.syscall(c_long(_SYS_MOUNT_SETATTR), *arguments, ctypes.byref(attributes), size))


def pivot_root(new_root: Pathname, put_old: Pathname) -> None:
    """pivot_root(2)."""
    arguments = c_char_p(os.fsencode(new_root)), c_char_p(os.fsencode(put_old))
    _check(_libc.syscall(c_long(_SYS_PIVOT_ROOT), *arguments), new_root)


def unshare(flags: int) -> None:
    """unshare(2)."""
    _check(_libc.unshare(flags))


def set_namespace(descriptor: int, kind: int) -> None:
    """setns(2)."""
    _check(_libc.setns(descriptor, kind))


def set_hostname(name: str) -> None:
    """sethostname(2)."""
    data = os.fsencode(name)
    _check(_libc.sethostname(data, len(data)))


def set_domain_name(name: str) -> None:
    """setdomainname(2): the name of NIS, which docker's `--domainname` sets."""
    data = os.fsencode(name)
    _check(_libc.setdomainname(data, len(data)))


def join_new_session_keyring() -> None:
    """keyctl(2): leave the keys of whoever started us behind, for an empty ring of our own."""
    _check(_libc.syscall(c_long(_SYS_KEYCTL), c_long(_KEYCTL_JOIN_SESSION_KEYRING), c_long(0)))


def die_with_parent(signal: int) -> None:
    """prctl(PR_SET_PDEATHSIG). The kernel forgets it whenever the process changes its identity."""
    _prctl(_PR_SET_PDEATHSIG, signal)


def set_process_name(name: bytes) -> None:
    """prctl(PR_SET_NAME): what this process is called in lists, at most 15 bytes."""
    _check(_libc.prctl(_PR_SET_NAME, c_char_p(name), c_ulong(0), c_ulong(0), c_ulong(0)))


def forbid_inspection() -> None:
    """prctl(PR_SET_DUMPABLE): what /proc tells of this process' inside is for nobody without CAP_SYS_PTRACE."""
    _prctl(_PR_SET_DUMPABLE, 0)


def forbid_new_privileges() -> None:
    """prctl(PR_SET_NO_NEW_PRIVS): what this process executes gets no more rights than it has, for ever."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def has_bounding_capability(number: int) -> bool:
    """Whether the bounding set holds a capability; False for one that this kernel does not know."""
    return bool(_libc.prctl(_PR_CAPBSET_READ, c_ulong(number), c_ulong(0), c_ulong(0), c_ulong(0)) == 1)


def drop_bounding_capability(number: int) -> None:
    """prctl(PR_CAPBSET_DROP)."""
    _prctl(_PR_CAPBSET_DROP, number)


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", c_uint32), ("pid", c_int))


def effective_capabilities() -> int:
    """The effective set of this process, as a bit mask."""
    return _capabilities(0)


def permitted_capabilities() -> int:
    """The permitted set of this process, as a bit mask."""
    return _capabilities(1)


def set_capabilities(*, effective: int, permitted: int, inheritable: int) -> None:
    """capset(2) for this process; the sets are bit masks."""
    header = _CapabilityHeader(_LINUX_CAPABILITY_VERSION_3, 0)
    halves = [mask >> shift & 0xFFFFFFFF for shift in (0, 32) for mask in (effective, permitted, inheritable)]
    data = (c_uint32 * 6)(*halves)
    _check(_libc.syscall(c_long(_SYS_CAPSET), ctypes.byref(header), ctypes.byref(data)))


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", c_void_p))


def install_seccomp_filter(program: bytes) -> None:
    """prctl(PR_SET_SECCOMP): bind this process and its children to a BPF program of 8-byte instructions."""
    buffer = ctypes.create_string_buffer(program, len(program))
    wrapped = _FilterProgram(len(program) // 8, ctypes.cast(buffer, c_void_p))
    arguments = c_ulong(_SECCOMP_MODE_FILTER), ctypes.byref(wrapped), c_ulong(0), c_ulong(0)
    _check(_libc.prctl(_PR_SET_SECCOMP, *arguments))


def _capabilities(index: int) -> int:
    header = _CapabilityHeader(_LINUX_CAPABILITY_VERSION_3, 0)
    data = (c_uint32 * 6)()
    _check(_libc.syscall(c_long(_SYS_CAPGET), ctypes.byref(header), ctypes.byref(data)))
    return int(data[index]) | int(data[index + 3]) << 32


def _prctl(option: int, argument: int) -> None:
    _check(_libc.prctl(option, c_ulong(argument), c_ulong(0), c_ulong(0), c_ulong(0)))


def _check(result: int, path: Pathname | None = None) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), None if path is None else os.fsdecode(path))
