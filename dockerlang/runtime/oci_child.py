"""The other life of a started process: it prepares the root, writes a bundle, and has an OCI runtime run that.

It stays pid 1 of the run's pid namespace, so that the container, in a namespace inside that, ends with it.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from dataclasses import replace
from typing import NoReturn

from dockerlang.runtime import kernel
from dockerlang.runtime.capabilities import available
from dockerlang.runtime.child import LARGEST_USER_FILE, Child
from dockerlang.runtime.executing import DEFAULT_PATH
from dockerlang.runtime.filesystems import add_devices
from dockerlang.runtime.in_root import InRoot, Wanted, by_descriptor
from dockerlang.runtime.mounting import in_order
from dockerlang.runtime.oci_bundle import configuration
from dockerlang.runtime.oci_supervision import supervise
from dockerlang.runtime.overlay import in_user_namespace
from dockerlang.runtime.process import Network
from dockerlang.runtime.protocol import Prepared, Step, send
from dockerlang.runtime.scratch import scratch_of

NETWORK_NAME = "network"
"""In the bundle, the namespace of the network to enter."""

# What a file must begin with to be a program.
_ELF, _SCRIPT = b"\x7fELF", b"#!"


class OciChild(Child):
    """The steps in order; those in the container's own namespaces are the runtime's."""

    def start(self) -> NoReturn:
        """All of it. Raises OSError and DockerlangError."""
        process, request = self._process, self._request
        program = request.oci_runtime
        assert program is not None
        self._begin()
        kernel.unshare(kernel.CLONE_NEWNS)
        kernel.mount("", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
        # The runtime looks for itself and its children by their numbers here.
        kernel.mount("proc", "/proc", "proc")
        root = self._prepare_root()
        user = self._find_user(lambda path: _read(root, path))
        self.step = Step.EXECUTE
        _find_program(root, process.args[0], process.env, process.cwd)
        bundle = scratch_of(request.root) / "bundle"
        bundle.mkdir(parents=True, exist_ok=True)
        if self._network is not None:
            # By a name in this mount namespace, since descriptors are closed.
            self.step = Step.NETWORK
            (bundle / NETWORK_NAME).touch()
            kernel.mount(f"/proc/self/fd/{self._network}", bundle / NETWORK_NAME, "", kernel.MS_BIND)
        document = configuration(
            # A runtime gives up where it is to give what it does not have.
            replace(process, capabilities=available(process.capabilities)),
            user,
            self._place,
            owns_network=process.network is not Network.HOST or not in_user_namespace(),
            network=None if self._network is None else bundle / NETWORK_NAME,
            cgroups_path=program.control_group,
            groups=None if program.control_group else self._visible_groups(),
        )
        (bundle / "config.json").write_text(json.dumps(document), "utf-8", "surrogateescape")
        self._take_streams(user)
        os.umask(0o022)
        self.step = Step.RUNTIME
        os.chdir(bundle)
        runtime = [program.path, "--root", str(bundle / "state"), *program.arguments]
        supervise(runtime, ["--bundle", str(bundle), bundle.parent.name], process.terminal, self._channel)

    def _prepare_root(self) -> InRoot:
        process = self._process
        self.step = Step.ROOT
        mounts = in_order(process.mounts)
        root = InRoot(self._mount_root())
        try:
            self.step = Step.FILESYSTEMS
            mounter = self._mounter(root, mounts)
            self._mount_dev(root)
            for path in ("/proc", "/sys"):
                with root.open(path, Wanted.DIRECTORY):
                    continue
            if process.terminal is not None:
                # Where /dev is made already, not every runtime makes the place for the terminal to be seen at.
                with root.open("/dev/console", Wanted.FILE):
                    pass
            self.step = Step.MOUNTS
            add_devices(root, process.devices)
            for mount in mounts:
                mounter.mount(mount)
        finally:
            send(self._channel, Prepared(tuple(root.stubs), root.touched()))
        return root


def _read(root: InRoot, path: str) -> bytes | None:
    """A file of the image; whatever an image may have put there, reading it ends."""
    try:
        with root.open(path) as descriptor:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            with open(by_descriptor(descriptor), "rb") as file:
                return file.read(LARGEST_USER_FILE)
    except OSError:
        return None


def _find_program(root: InRoot, program: str, env: tuple[str, ...], cwd: str) -> None:
    """Raise what execve(2) would: the runtime would only tell its standard error."""
    if "/" in program:
        _check_program(root, os.path.join(cwd, program))
        return None
    variables = dict(variable.split("=", 1) for variable in env if "=" in variable)
    denied: OSError | None = None
    for directory in variables.get("PATH", DEFAULT_PATH).split(":"):
        try:
            return _check_program(root, os.path.join(cwd, directory, program))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except PermissionError as error:
            denied = error
    raise denied or FileNotFoundError(errno.ENOENT, "executable file not found in $PATH", program)


def _check_program(root: InRoot, path: str) -> None:
    with root.open(path) as descriptor:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode) or not mode & 0o111:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        with open(by_descriptor(descriptor), "rb") as file:
            if not file.read(4).startswith((_ELF, _SCRIPT)):
                raise OSError(errno.ENOEXEC, os.strerror(errno.ENOEXEC), path)
