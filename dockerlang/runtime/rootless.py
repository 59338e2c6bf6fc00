"""Entering a user namespace, in which an ordinary user is root over the ids that are his.

Called once, at the start of a command, while the program has one thread: a user namespace is of the whole process.
From then on the process is user 0, owns its mounts, and everything else works as for root.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from dockerlang.errors import RuntimeFailure
from dockerlang.records import record
from dockerlang.runtime import kernel
from dockerlang.runtime.overlay import in_user_namespace

__all__ = ["IdMapping", "IdRange", "enter", "in_user_namespace", "reason_against"]

_CAP_SETUID, _CAP_SYS_ADMIN = 7, 21
_ENOUGH_IDS = 65536


@record
class IdRange:
    """`count` ids from `inside` on in the namespace are those from `outside` on in the one around it."""

    inside: int
    outside: int
    count: int


@record
class IdMapping:
    """How ids are translated; no ranges mean that the process was privileged and entered nothing."""

    users: tuple[IdRange, ...] = ()
    groups: tuple[IdRange, ...] = ()
    warning: str = ""
    """What the user should be told, where his ids do not suffice for every image; else empty."""

    @property
    def is_native(self) -> bool:
        """Whether ids are the machine's own."""
        return not self.users


def enter() -> IdMapping:
    """Make this process able to mount, by entering a user namespace unless it is able already.

    An ordinary user gets the ranges of `/etc/subuid` and `/etc/subgid` through newuidmap and newgidmap, or else a
    single id, with a warning. Root without CAP_SYS_ADMIN, as in a container, keeps all ids that he has.
    Raises RuntimeFailure where user namespaces are forbidden.
    """
    if kernel.effective_capabilities() >> _CAP_SYS_ADMIN & 1:
        return IdMapping()
    reason = reason_against()
    if reason:
        raise RuntimeFailure(f"cannot make a user namespace: {reason}", hint="run the command as root instead")
    return _enter(_plan())


def reason_against() -> str:
    """Why this user cannot have a user namespace with mounts in it; empty when he can. Tries it in a fork."""
    child = os.fork()
    if child == 0:
        os._exit(_try_namespace())
    _, status = os.waitpid(child, 0)
    number = os.waitstatus_to_exitcode(status)
    return _explain(number) if number else ""


def _try_namespace() -> int:
    """In a fork: enter a namespace and mount there; the error number, 0 for success."""
    try:
        uid, gid = os.geteuid(), os.getegid()
        kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS)
        _write_single_mapping(uid, gid)
        kernel.mount("", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
        kernel.mount("tmpfs", "/", "tmpfs")
    except OSError as error:
        return error.errno or errno.EIO
    return 0


def _explain(number: int) -> str:
    limits = {
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": ("1", "AppArmor allows them to named programs only"),
        "/proc/sys/kernel/unprivileged_userns_clone": ("0", "they are for root only"),
        "/proc/sys/user/max_user_namespaces": ("0", "this system allows none"),
    }
    for path, (value, meaning) in limits.items():
        try:
            current = Path(path).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if current == value:
            return f"{meaning} ({path} is {value})"
    match number:
        case errno.EPERM | errno.EACCES:
            return "the system denies it; a container around this one usually does, by its seccomp profile"
        case errno.ENOSPC | errno.EUSERS:
            return "there are too many already"
        case errno.EINVAL | errno.ENOSYS:
            return "this kernel has none"
    return os.strerror(number)


def _plan() -> IdMapping:
    """The best mapping that this user can have."""
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0 and kernel.effective_capabilities() >> _CAP_SETUID & 1:
        return IdMapping(_all_of("/proc/self/uid_map"), _all_of("/proc/self/gid_map"))
    users, groups = _ranges(Path("/etc/subuid"), uid), _ranges(Path("/etc/subgid"), uid)
    import shutil

    missing = [tool for tool in ("newuidmap", "newgidmap") if shutil.which(tool) is None]
    if missing:
        problem = f"{' and '.join(missing)} not found (package uidmap or shadow)"
    elif not users or not groups:
        problem = f"no ids for user {_user_name(uid)} in /etc/subuid and /etc/subgid"
    else:
        return IdMapping(
            (IdRange(0, uid, 1), *_numbered(users)),
            (IdRange(0, gid, 1), *_numbered(groups)),
            _warning_about_few(users, groups),
        )
    return IdMapping(
        (IdRange(0, uid, 1),),
        (IdRange(0, gid, 1),),
        f"{problem}: running with a single id, so that everything belongs to root and USER cannot change to another",
    )


def _enter(mapping: IdMapping) -> IdMapping:
    """Unshare, and have the maps written from outside, which only another process can do."""
    uid, gid, pid = os.geteuid(), os.getegid(), os.getpid()
    is_single = len(mapping.users) == 1 and mapping.users[0].count == 1
    ready_reading, ready_writing = os.pipe2(os.O_CLOEXEC)
    result_reading, result_writing = os.pipe2(os.O_CLOEXEC)
    helper = os.fork()
    if helper == 0:
        outcome = "the helper ended early"
        try:
            os.close(ready_writing)
            # An end without a byte means that there is no namespace to write to.
            if os.read(ready_reading, 1):
                outcome = "" if is_single else _write_mapping(pid, mapping)
        finally:
            os.write(result_writing, outcome.encode())
            os._exit(0)
    os.close(result_writing)
    try:
        kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS)
        os.write(ready_writing, b"!")
        problem = _read_all(result_reading)
    finally:
        for descriptor in (ready_reading, ready_writing, result_reading):
            os.close(descriptor)
        os.waitpid(helper, 0)
    if problem:
        raise RuntimeFailure(f"cannot map ids into a user namespace: {problem}")
    if is_single:
        _write_single_mapping(uid, gid)
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    return mapping


def _write_mapping(pid: int, mapping: IdMapping) -> str:
    """From outside, write the maps of a process; what went wrong, or nothing."""
    for tool, file, ranges in (("newuidmap", "uid_map", mapping.users), ("newgidmap", "gid_map", mapping.groups)):
        numbers = [(id_range.inside, id_range.outside, id_range.count) for id_range in ranges]
        if os.geteuid() == 0:
            text = "".join(f"{inside} {outside} {count}\n" for inside, outside, count in numbers)
            try:
                Path(f"/proc/{pid}/{file}").write_text(text, encoding="ascii")
            except OSError as error:
                return f"/proc/{pid}/{file}: {error.strerror}"
            continue
        arguments = [tool, str(pid), *(str(number) for triple in numbers for number in triple)]
        import subprocess

        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        if done.returncode:
            return done.stderr.strip() or f"{tool} ended with {done.returncode}"
    return ""


def _write_single_mapping(uid: int, gid: int) -> None:
    """From inside, map the one id that needs nobody's permission; groups must be given up for it."""
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"0 {uid} 1\n", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"0 {gid} 1\n", encoding="ascii")


def _all_of(path: str) -> tuple[IdRange, ...]:
    """Every id that this namespace has, each as itself."""
    lines = Path(path).read_text(encoding="ascii").splitlines()
    starts_and_counts = [(int(line.split()[0]), int(line.split()[2])) for line in lines]
    return tuple(IdRange(start, start, count) for start, count in starts_and_counts)


def _ranges(path: Path, uid: int) -> list[tuple[int, int]]:
    """The (start, count) pairs that a file like /etc/subuid gives to a user, by name or number."""
    names = {str(uid), _user_name(uid)}
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        name, _, numbers = line.strip().partition(":")
        start, _, count = numbers.partition(":")
        if name in names and start.isdecimal() and count.isdecimal() and int(count):
            found.append((int(start), int(count)))
    return found


def _numbered(ranges: list[tuple[int, int]]) -> tuple[IdRange, ...]:
    """The ranges one after the other, from id 1 on."""
    numbered, inside = [], 1
    for start, count in ranges:
        numbered.append(IdRange(inside, start, count))
        inside += count
    return tuple(numbered)


def _warning_about_few(users: list[tuple[int, int]], groups: list[tuple[int, int]]) -> str:
    fewest = min(sum(count for _, count in ranges) for ranges in (users, groups))
    if fewest >= _ENOUGH_IDS:
        return ""
    return (
        f"only {fewest} ids in /etc/subuid or /etc/subgid, where {_ENOUGH_IDS} are usual: "
        "what belongs to higher ids will not work"
    )


def _user_name(uid: int) -> str:
    try:
        import pwd

        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return os.environ.get("USER", str(uid))


def _read_all(descriptor: int) -> str:
    data = b""
    while block := os.read(descriptor, 4096):
        data += block
    return data.decode("utf-8", "replace")
