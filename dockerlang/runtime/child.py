"""The life of a started process until it is executed: namespaces, root, identity, one step after the other.

Runs in a fork of the fork server, single-threaded and as pid 1 of a new pid namespace. It never returns.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import socket
import stat
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from dockerlang.errors import DockerlangError
from dockerlang.runtime import kernel
from dockerlang.runtime.capabilities import restrict_own_sets
from dockerlang.runtime.cgroup_view import VisibleGroup, mount_groups, visible_groups
from dockerlang.runtime.cgroups import join
from dockerlang.runtime.confinement import become_user, confine, limit
from dockerlang.runtime.executing import enter_directory, execute
from dockerlang.runtime.filesystems import (
    add_devices,
    forbid_devices,
    hide,
    make_top_read_only,
    mount_dev,
    mount_proc,
    mount_sys,
    network_parameters,
    set_kernel_parameters,
)
from dockerlang.runtime.in_root import InRoot
from dockerlang.runtime.inherited import leave_keys, set_out_of_memory_score
from dockerlang.runtime.init import run_as_init
from dockerlang.runtime.mounting import Mounter, in_order
from dockerlang.runtime.overlay import mount_overlay
from dockerlang.runtime.process import File, Mount, Namespace, Network, TerminalSize
from dockerlang.runtime.protocol import Failed, Prepared, Request, Step, TerminalOpened, send
from dockerlang.runtime.scratch import scratch_of
from dockerlang.runtime.terminals import open_terminal
from dockerlang.runtime.users import User, resolve_user, with_groups

LARGEST_USER_FILE = 4 << 20
_NAMESPACES = {
    Namespace.IPC: kernel.CLONE_NEWIPC,
    Namespace.UTS: kernel.CLONE_NEWUTS,
    Namespace.CGROUP: kernel.CLONE_NEWCGROUP,
}
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1


def become(child: Child) -> NoReturn:
    """Turn this process into the requested one; failures are reported to the caller."""
    # In the new root, Python's library would be the image's: what has not been imported by now never will be.
    sys.meta_path.clear()
    try:
        child.start()
    except OSError as error:
        # The caller knows which program it is about.
        has_place = error.filename and child.step is not Step.EXECUTE
        where = f": {os.fsdecode(error.filename)}" if has_place else ""
        child.fail(error.errno or 0, f"{error.strerror or error}{where}")
    except DockerlangError as error:
        child.fail(0, str(error))
    except BaseException as error:
        child.fail(0, f"{error!r} at {_innermost(error)}")
    finally:
        os._exit(127)


class Child:
    """The steps in order; `step` is the one that is being done."""

    def __init__(
        self, request: Request, channel: socket.socket, streams: tuple[int, int, int], network: int | None = None
    ) -> None:
        """`network` is the descriptor of the network's namespace where the process is to enter one that there is."""
        self.step = Step.NAMESPACES
        self._request = request
        self._process = request.process
        self._channel = channel
        self._streams = streams
        self._groups: tuple[VisibleGroup, ...] = ()
        self._network = network

    def fail(self, number: int, text: str) -> None:
        """Tell the caller why there will be no process."""
        send(self._channel, Failed(self.step, number, text))

    def start(self) -> NoReturn:
        """All of it. Raises OSError and DockerlangError."""
        process = self._process
        self._begin()
        self._separate()
        self._build_root()
        user = self._find_user(_read_user_file)
        self.step = Step.TERMINAL
        if process.terminal is not None:
            self._streams = self._open_terminal(process.terminal)
        self._take_streams(user)
        os.umask(0o022)
        self.step = Step.DIRECTORY
        enter_directory(process.cwd)
        self._reduce(user)
        if process.has_init:
            run_as_init(self._channel)
        self.step = Step.EXECUTE
        execute(process, user)

    def _begin(self) -> None:
        os.setsid()
        kernel.die_with_parent(signal.SIGKILL)
        os.umask(0)
        self.step = Step.CONTROL_GROUP
        join(self._request.control_group)
        self.step = Step.MEMORY_SCORE
        set_out_of_memory_score(self._process.out_of_memory_score)
        self.step = Step.NAMESPACES

    def _find_user(self, read: Callable[[str], bytes | None]) -> User:
        self.step = Step.USER
        groups = read("/etc/group")
        user = resolve_user(self._process.user, read("/etc/passwd"), groups)
        return with_groups(user, self._process.groups, groups)

    def _separate(self) -> None:
        network, shared = self._process.network, self._process.host_namespaces
        self._groups = self._visible_groups()
        leave_keys()
        namespaces = kernel.CLONE_NEWNS | (kernel.CLONE_NEWNET if network is Network.NONE else 0)
        for namespace, flag in _NAMESPACES.items():
            namespaces |= 0 if namespace in shared else flag
        kernel.unshare(namespaces)
        # Nothing that is mounted from here on may show up outside.
        kernel.mount("", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
        if self._process.hostname:
            kernel.set_hostname(self._process.hostname)
        if self._process.domain_name:
            kernel.set_domain_name(self._process.domain_name)
        self.step = Step.NETWORK
        if network is Network.NONE:
            _bring_loopback_up()
        elif self._network is not None:
            kernel.set_namespace(self._network, kernel.CLONE_NEWNET)

    def _build_root(self) -> None:
        process = self._process
        self.step = Step.ROOT
        mounts = in_order(process.mounts)
        root_descriptor = self._mount_root()
        root = InRoot(root_descriptor)
        try:
            self.step = Step.FILESYSTEMS
            mounter = self._mounter(root, mounts)
            self._mount_dev(root)
            mount_proc(root)
            mount_sys(root, is_read_only=process.security.hides_machine)
            mount_groups(root, self._groups, is_read_only=process.security.hides_machine)
            self.step = Step.MOUNTS
            add_devices(root, process.devices)
            for mount in mounts:
                mounter.mount(mount)
            self.step = Step.KERNEL
            set_kernel_parameters(root, (*network_parameters(process.network), *process.sysctls))
            self.step = Step.FILESYSTEMS
            if process.security.hides_machine:
                hide(root)
        finally:
            send(self._channel, Prepared(tuple(root.stubs), root.touched()))
        self.step = Step.ENTER
        os.fchdir(root_descriptor)
        kernel.pivot_root(".", ".")
        # The old root now lies on top of the new one, and goes with everything that was mounted in it.
        kernel.unmount(".", kernel.MNT_DETACH)
        os.chdir("/")
        if process.read_only:
            # The directory to work in may have to be made, which is no change by the process.
            self.step = Step.DIRECTORY
            os.umask(0o022)
            os.makedirs(process.cwd, 0o755, exist_ok=True)
            make_top_read_only(os.open("/", os.O_PATH | os.O_CLOEXEC))

    def _visible_groups(self) -> tuple[VisibleGroup, ...]:
        process = self._process
        return visible_groups(
            shares_namespace=Namespace.CGROUP in process.host_namespaces,
            shows_top=not process.security.hides_machine,
        )

    def _mount_dev(self, root: InRoot) -> None:
        process = self._process
        mount_dev(
            root,
            process.shared_memory,
            forbids_devices=process.security.hides_machine,
            shares_memory=Namespace.IPC in process.host_namespaces,
        )

    def _mounter(self, root: InRoot, mounts: tuple[Mount, ...]) -> Mounter:
        hides_machine = self._process.security.hides_machine
        mounter = Mounter(root, scratch_of(self._request.root), forbids_devices=hides_machine)
        if any(isinstance(mount, File) for mount in mounts):
            mounter.prepare_memory()
        return mounter

    @property
    def _place(self) -> Path:
        """Where the root is mounted: over its own `upper`, a place that is there anyway and of no other use."""
        return self._request.directory or self._request.root.upper

    def _mount_root(self) -> int:
        """Mount the root; its descriptor."""
        root, directory, place = self._request.root, self._request.directory, self._place
        if directory is not None or not root.lowers:
            kernel.mount(place, place, "", kernel.MS_BIND)
        else:
            mount_overlay(root.lowers, place, upper=root.upper, work=root.work, is_volatile=root.is_volatile)
        descriptor = os.open(place, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        if self._process.security.hides_machine:
            forbid_devices(descriptor)
        return descriptor

    def _open_terminal(self, size: TerminalSize) -> tuple[int, int, int]:
        """A pseudo terminal of the container's own; the caller gets its master side."""
        master, terminal = open_terminal(size)
        send(self._channel, TerminalOpened(), (master,))
        return terminal, terminal, terminal

    def _take_streams(self, user: User) -> None:
        """Make the streams 0, 1 and 2 and close all else, so that no descriptor leads out of the root."""
        for number, stream in enumerate(self._streams):
            is_terminal = self._process.terminal is not None and os.isatty(stream)
            if is_terminal or stat.S_IFMT(os.fstat(stream).st_mode) in {stat.S_IFIFO, stat.S_IFSOCK}:
                # Else the user could not open /dev/stdout, which is the stream's own file.
                try:
                    os.fchown(stream, user.uid, -1)
                except OSError as error:
                    if error.errno not in {errno.EPERM, errno.EINVAL, errno.EROFS}:
                        raise
            os.dup2(stream, number)
        kept = self._channel.fileno()
        os.closerange(3, kept)
        os.closerange(kept + 1, _highest_descriptor() + 1)

    def _reduce(self, user: User) -> None:
        capabilities = self._process.capabilities
        self.step = Step.LIMITS
        for ulimit in self._process.ulimits:
            limit(ulimit)
        self.step = Step.PRIVILEGES
        confine(capabilities, self._process.security)
        self.step = Step.IDENTITY
        become_user(user)
        self.step = Step.PRIVILEGES
        restrict_own_sets(capabilities if user.uid == 0 else frozenset())
        kernel.die_with_parent(signal.SIGKILL)


def _innermost(error: BaseException) -> str:
    """Where a bug of ours showed itself; a whole traceback would look for source files in the image."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}"


def _bring_loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        name = b"lo".ljust(16, b"\0")
        flags = struct.unpack("16xH", fcntl.ioctl(control, _SIOCGIFFLAGS, name + bytes(24))[:18])[0]
        fcntl.ioctl(control, _SIOCSIFFLAGS, name + struct.pack("H", flags | _IFF_UP) + bytes(22))


def _read_user_file(path: str) -> bytes | None:
    """A file of the image; whatever an image may have put there, reading it ends."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError:
        return None
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return file.read(LARGEST_USER_FILE)


def _highest_descriptor() -> int:
    return max(int(name) for name in os.listdir("/proc/self/fd"))
