"""The kernel's filesystems in a container: /proc, /sys and /dev, as docker sets them up.

Everything is mounted on descriptors of the root before the process enters it, while the host's own files are still
in reach.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from dockerlang.runtime import kernel
from dockerlang.runtime.in_root import InRoot, Wanted, by_descriptor
from dockerlang.runtime.kernel import MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, MS_REC, MS_REMOUNT
from dockerlang.runtime.overlay import in_user_namespace
from dockerlang.runtime.process import Device, Network

MASKED_PATHS = (
    "/proc/acpi",
    "/proc/asound",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/sys/devices/virtual/powercap",
    "/sys/firmware",
)
READ_ONLY_PATHS = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")

_DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0)}
_LINKS = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
    "ptmx": "pts/ptmx",
}
# The sensors of one processor, by which others who share it can be spied on.
_PROCESSORS, _SENSORS = "/sys/devices/system/cpu", "thermal_throttle"
_PORTS_FOR_ALL = ("net.ipv4.ip_unprivileged_port_start", "0")
_PING_FOR_ALL = ("net.ipv4.ping_group_range", "0 2147483647")
_TTY_GROUP = 5
_CLOSED = MS_NOSUID | MS_NODEV | MS_NOEXEC


def mount_proc(root: InRoot) -> None:
    """A /proc of the new pid namespace."""
    with root.place("/proc", Wanted.DIRECTORY) as place:
        kernel.mount("proc", place, "proc", _CLOSED)


def mount_sys(root: InRoot, *, is_read_only: bool) -> None:
    """A /sys; the host's where this user namespace does not own the network's."""
    access = MS_RDONLY if is_read_only else 0
    with root.open("/sys", Wanted.DIRECTORY) as descriptor:
        place = by_descriptor(descriptor)
        try:
            kernel.mount("sysfs", place, "sysfs", _CLOSED | access)
        except PermissionError:
            kernel.mount("/sys", place, "", MS_BIND | MS_REC)
        else:
            return
    if is_read_only:
        with root.open("/sys") as descriptor:
            make_read_only(descriptor)


def mount_dev(root: InRoot, shared_memory: int, *, forbids_devices: bool, shares_memory: bool = False) -> None:
    """A /dev with docker's few devices, terminals, message queues, and so much shared memory (bytes), or the host's."""
    with root.place("/dev", Wanted.DIRECTORY) as place:
        kernel.mount("tmpfs", place, "tmpfs", MS_NOSUID | kernel.MS_STRICTATIME, "mode=755,size=65536k")
    with root.open("/dev") as device_directory:
        for name in _DEVICES:
            _bind_device(device_directory, name)
        if forbids_devices:
            # What the process makes with mknod is no device. docker uses a control group for that; this works without.
            forbid_devices(device_directory)
        for name, target in _LINKS.items():
            os.symlink(target, name, dir_fd=device_directory)
        if os.path.exists("/proc/kcore"):
            os.symlink("/proc/kcore", "core", dir_fd=device_directory)
        for name in ("pts", "shm", "mqueue"):
            os.mkdir(name, 0o755, dir_fd=device_directory)
    with root.place("/dev/pts") as place:
        _mount_terminals(place)
    with root.place("/dev/shm") as place:
        if shares_memory:
            kernel.mount("/dev/shm", place, "", MS_BIND | MS_REC)
        else:
            kernel.mount("shm", place, "tmpfs", _CLOSED, f"mode=1777,size={shared_memory}")
    with root.place("/dev/mqueue") as place:
        try:
            kernel.mount("mqueue", place, "mqueue", _CLOSED)
        except OSError as error:
            # A kernel may be built without them, and hardly a build needs them.
            if error.errno not in {errno.ENODEV, errno.EPERM}:
                raise


def add_devices(root: InRoot, devices: Iterable[Device]) -> None:
    """Lend devices of the host."""
    for device in devices:
        wanted = Wanted.DIRECTORY if device.source.is_dir() else Wanted.FILE
        with root.place(device.target, wanted) as place:
            kernel.mount(device.source, place, "", MS_BIND | MS_REC)


def network_parameters(network: Network) -> tuple[tuple[str, str], ...]:
    """What docker sets in a network of the process's own: all ports are free to everybody, and so is ping."""
    if network is Network.HOST:
        return ()
    # A user namespace lacks some of the groups that may ping.
    return (_PORTS_FOR_ALL,) if in_user_namespace() else (_PORTS_FOR_ALL, _PING_FOR_ALL)


def set_kernel_parameters(root: InRoot, parameters: Iterable[tuple[str, str]]) -> None:
    """Set what sysctl(8) sets, in the namespaces of this process."""
    for name, value in parameters:
        path = f"/proc/sys/{name.replace('.', '/')}"
        with root.place(path) as place:
            descriptor = os.open(place, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(descriptor, value.encode())
        except OSError as error:
            error.filename = f"{name}={value}"
            raise
        finally:
            os.close(descriptor)


def is_plain_device(path: Path | str) -> bool:
    """Whether a file is one of the devices that every process has, as /dev/null, which people mount over files."""
    status = os.stat(path)
    number = os.major(status.st_rdev), os.minor(status.st_rdev)
    return stat.S_ISCHR(status.st_mode) and number in _DEVICES.values()


def forbid_devices(descriptor: int) -> None:
    """Let device files mean nothing in the mount whose root `descriptor` is."""
    if in_user_namespace():
        # They give no power there that their owner would not have anyway.
        return
    flags = MS_BIND | MS_REMOUNT | MS_NODEV | (os.fstatvfs(descriptor).f_flag & MS_RDONLY) | _flags_of(descriptor)
    kernel.mount("", by_descriptor(descriptor), "", flags)


def masked_paths() -> tuple[str, ...]:
    """What a confined process must not read: docker's list, and what this machine has of sensors in its processors."""
    try:
        processors = [name for name in os.listdir(_PROCESSORS) if name[3:].isdecimal()]
    except OSError:
        processors = []
    sensors = (f"{_PROCESSORS}/{name}/{_SENSORS}" for name in sorted(processors))
    return (*MASKED_PATHS, *(path for path in sensors if os.path.exists(path)))


def hide(root: InRoot) -> None:
    """Cover what tells of the host, and close what would change it."""
    for path in masked_paths():
        try:
            with root.open(path) as descriptor:
                if stat.S_ISDIR(os.fstat(descriptor).st_mode):
                    kernel.mount("tmpfs", by_descriptor(descriptor), "tmpfs", MS_RDONLY, "size=0k")
                else:
                    kernel.mount("/dev/null", by_descriptor(descriptor), "", MS_BIND)
        except (FileNotFoundError, NotADirectoryError):
            continue
    for path in READ_ONLY_PATHS:
        try:
            with root.place(path) as place:
                kernel.mount(place, place, "", MS_BIND | MS_REC)
            with root.place(path) as place:
                kernel.mount("", place, "", MS_BIND | MS_REMOUNT | MS_RDONLY | _CLOSED)
        except FileNotFoundError:
            continue


def make_read_only(descriptor: int) -> None:
    """Make the mount whose root `descriptor` is read-only, with all mounts below it where the kernel can do that."""
    try:
        kernel.set_read_only_recursively(descriptor)
    except OSError as error:
        if error.errno not in {errno.ENOSYS, errno.EINVAL, errno.EPERM}:
            raise
        make_top_read_only(descriptor)


def make_top_read_only(descriptor: int) -> None:
    """Make the mount whose root `descriptor` is read-only, and leave mounts below it as they are."""
    # A remount states all flags anew, and those that another user namespace has set must not be missing.
    flags = MS_BIND | MS_REMOUNT | MS_RDONLY | _flags_of(descriptor)
    kernel.mount("", by_descriptor(descriptor), "", flags)


def _flags_of(descriptor: int) -> int:
    have = os.fstatvfs(descriptor).f_flag
    kept = MS_NOSUID | MS_NODEV | MS_NOEXEC | kernel.MS_NOATIME | kernel.MS_NODIRATIME
    return have & kept | (kernel.MS_RELATIME if have & os.ST_RELATIME else 0)


def _bind_device(directory: int, name: str) -> None:
    """Lend the host's; to make one would be forbidden in a user namespace, and would not work without devices."""
    os.close(os.open(name, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o666, dir_fd=directory))
    target = os.open(name, os.O_PATH | os.O_CLOEXEC, dir_fd=directory)
    try:
        kernel.mount(f"/dev/{name}", by_descriptor(target), "", MS_BIND)
    finally:
        os.close(target)


def _mount_terminals(place: str) -> None:
    options = "newinstance,ptmxmode=0666,mode=0620"
    try:
        kernel.mount("devpts", place, "devpts", MS_NOSUID | MS_NOEXEC, f"{options},gid={_TTY_GROUP}")
    except OSError as error:
        # A user namespace of a single id has no group 5.
        if error.errno != errno.EINVAL:
            raise
        kernel.mount("devpts", place, "devpts", MS_NOSUID | MS_NOEXEC, options)
