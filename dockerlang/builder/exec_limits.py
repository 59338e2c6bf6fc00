"""The limits of a RUN that make it another step: in the reference, too, they are part of its definition.

What a control group may use at most is not among them: it does not change what a step makes, only whether.
"""

from __future__ import annotations

from dockerlang.records import record
from dockerlang.runtime.limits import SHARED_MEMORY, Ulimit


@record
class ExecLimits:
    """Limits of setrlimit, the size of /dev/shm in bytes, and the control group to be in."""

    ulimits: tuple[Ulimit, ...] = ()
    shared_memory: int = SHARED_MEMORY
    cgroup_parent: str = ""

    def definition(self) -> dict[str, object]:
        """The part of a step's definition; what nobody asked for is not in it."""
        made: dict[str, object] = {}
        if self.ulimits:
            made["ulimits"] = sorted(str(ulimit) for ulimit in self.ulimits)
        if self.shared_memory != SHARED_MEMORY:
            made["shared memory"] = self.shared_memory
        if self.cgroup_parent:
            made["cgroup parent"] = self.cgroup_parent
        return made


NO_EXEC_LIMITS = ExecLimits()
