"""Which file of a control group gets which value, in both versions of control groups.

The kernel's documents: cgroup-v1 (memory.rst, cpusets.rst, pids.rst, sched-bwc.rst) and cgroup-v2.rst.
"""

from __future__ import annotations

from dockerlang.runtime.limits import UNLIMITED, Resources


def settings_for(controller: str, resources: Resources, *, is_unified: bool) -> list[tuple[str, str]]:
    """Names of files with what to write into them, in that order; empty if that controller has nothing to limit."""
    return (_second_version if is_unified else _first_version)(controller, resources)


def _first_version(controller: str, resources: Resources) -> list[tuple[str, str]]:
    """What to write into which file, in version 1."""
    match controller:
        case "memory":
            settings = _reservation("memory.soft_limit_in_bytes", resources)
            if resources.memory is not None:
                swap = 2 * resources.memory if resources.memory_swap is None else resources.memory_swap
                settings += [
                    ("memory.limit_in_bytes", str(resources.memory)),
                    ("memory.memsw.limit_in_bytes", str(swap)),
                ]
            return settings
        case "cpu":
            values = {
                "cpu.shares": resources.cpu_shares,
                "cpu.cfs_period_us": resources.cpu_period,
                "cpu.cfs_quota_us": resources.cpu_quota,
            }
            return [(name, str(value)) for name, value in values.items() if value is not None]
        case "cpuset":
            texts = {"cpuset.cpus": resources.cpuset_cpus, "cpuset.mems": resources.cpuset_mems}
            return [(name, value) for name, value in texts.items() if value]
        case "pids" if resources.pids is not None:
            return [("pids.max", "max" if resources.pids == UNLIMITED else str(resources.pids))]
    return []


def _second_version(controller: str, resources: Resources) -> list[tuple[str, str]]:
    """What to write into which file, in version 2."""
    match controller:
        case "memory":
            settings = _reservation("memory.low", resources)
            if resources.memory is not None:
                both = 2 * resources.memory if resources.memory_swap is None else resources.memory_swap
                # Here swap is counted by itself.
                swap = "max" if both == UNLIMITED else str(both - resources.memory)
                settings += [("memory.max", str(resources.memory)), ("memory.swap.max", swap)]
            return settings
        case "cpu":
            settings = []
            if resources.cpu_shares is not None:
                settings.append(("cpu.weight", str(weight_of(resources.cpu_shares))))
            if resources.cpu_quota is not None or resources.cpu_period is not None:
                quota = "max" if resources.cpu_quota in (None, UNLIMITED) else str(resources.cpu_quota)
                settings.append(("cpu.max", f"{quota} {resources.cpu_period or 100_000}"))
            return settings
        case _:
            return _first_version(controller, resources)


def _reservation(name: str, resources: Resources) -> list[tuple[str, str]]:
    return [] if resources.memory_reservation is None else [(name, str(resources.memory_reservation))]


def weight_of(shares: int) -> int:
    """The weight (1 to 10,000) of version 2 for the shares (2 to 262,144) of version 1, as OCI runtimes map them."""
    return 1 + (min(max(shares, 2), 262_144) - 2) * 9999 // 262_142
