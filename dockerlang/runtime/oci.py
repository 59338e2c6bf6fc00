"""The other runtime: processes run by an OCI runtime that is installed, with the same roots, mounts and limits.

It takes several times as long as our own namespaces, and is for those whose machines demand it. A signal that the
process does not mind does not end it, as with docker; what the runtime itself refuses is in the process's error output.
"""

from __future__ import annotations

import shutil
import subprocess

from dockerlang.errors import NotFoundError, RuntimeFailure, UsageError
from dockerlang.records import replace
from dockerlang.runtime import cgroups
from dockerlang.runtime.copying import CopiedRoot
from dockerlang.runtime.limits import NO_LIMITS
from dockerlang.runtime.namespaces import NamespaceRuntime, Snapshots
from dockerlang.runtime.overlay import in_user_namespace
from dockerlang.runtime.process import Process
from dockerlang.runtime.protocol import OciProgram, Request
from dockerlang.runtime.root import Root
from dockerlang.runtime.running import RunningProcess

NAMES = ("runc", "crun", "youki")
OWN = "namespaces"


def runtime_called(name: str) -> NamespaceRuntime:
    """The runtime of that name: `namespaces`, or one of `NAMES`. Raises NotFoundError where it is not installed."""
    return NamespaceRuntime() if name == OWN else OciRuntime(name)


class OciRuntime(NamespaceRuntime):
    """Runs processes as `NamespaceRuntime` does, each in a bundle of its own."""

    def __init__(self, name: str, snapshots: Snapshots = Snapshots.OVERLAY) -> None:
        """Find the program on PATH and ask it for its version.

        Raises NotFoundError, and RuntimeFailure for one that does not work.
        """
        program = shutil.which(name)
        if program is None:
            raise NotFoundError(f"the runtime {name} is not on PATH", hint=f"install {name}, or leave out --runtime")
        self._program = program
        self._name = name
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
        if answer.returncode:
            raise RuntimeFailure(f"the runtime {name} does not work: {answer.stderr.strip()}")
        super().__init__(snapshots)

    def start(self, process: Process, root: Root, streams: tuple[int, int, int]) -> RunningProcess:
        """As `NamespaceRuntime.start`. Raises UsageError for what a bundle cannot say."""
        try:
            "\0".join((*process.args, *process.env, process.cwd)).encode()
        except UnicodeEncodeError:
            raise UsageError(f"the runtime {self._name} takes no arguments that are not UTF-8") from None
        return super().start(process, root, streams)

    def _begin(
        self, process: Process, root: Root, streams: tuple[int, int, int], copied: CopiedRoot | None
    ) -> RunningProcess:
        group: cgroups.ControlGroup | None
        if self._name == "crun" or in_user_namespace():
            # The group is joined before. crun knows how to leave groups alone, and refuses some machines if it may not;
            # runc does not mind in a user namespace that it may not make one, if none was asked for.
            group = cgroups.control_group_for(process.resources)
            process = replace(process, resources=NO_LIMITS)
            program = OciProgram(self._program, ("--cgroup-manager=disabled",) if self._name == "crun" else ())
        else:
            if cgroups.reason_against(process.resources):
                process = replace(process, resources=NO_LIMITS)
            group = cgroups.group_of_another(process.resources.parent)
            program = OciProgram(self._program, control_group=group.path)
        request = Request(
            process, root, copied.directory if copied else None, group.directories if group else (), program
        )
        return RunningProcess(request, self._server.start(request, streams), copied, group)
