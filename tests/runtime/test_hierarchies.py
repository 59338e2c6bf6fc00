from __future__ import annotations

from pathlib import Path

import pytest

from dockerlang.runtime.hierarchies import Hierarchy, own_directory, own_groups, parse_mounts

_MOUNTS = r"""
22 27 0:21 / /sys rw,nosuid - sysfs sysfs rw
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
33 31 0:30 /docker/a\040b /groups\040of\011memory rw,relatime - cgroup cgroup rw,memory
34 31 0:31 / /sys/fs/cgroup/systemd rw,relatime shared:10 master:2 - cgroup cgroup rw,xattr,name=systemd
35 31 0:29 /elsewhere /other/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct
36 31 0:32 /in {place} rw,relatime - cgroup2 cgroup2 rw,nsdelegate
"""


@pytest.fixture
def unified(tmp_path: Path) -> Path:
    (tmp_path / "cgroup.controllers").write_text("hugetlb misc\n")
    return tmp_path


def test_each_hierarchy_is_found_once(unified: Path) -> None:
    cpu, memory, systemd, second = parse_mounts(_MOUNTS.strip().replace("{place}", str(unified)))
    assert (cpu.mount, cpu.root) == (Path("/sys/fs/cgroup/cpu,cpuacct"), "/")
    assert {"cpu", "cpuacct"} <= cpu.controllers
    assert (memory.mount, memory.root) == (Path("/groups of\tmemory"), "/docker/a b")
    assert "name=systemd" in systemd.controllers
    assert second == Hierarchy(unified, "/in", frozenset({"hugetlb", "misc"}), is_unified=True)


def test_the_own_group_is_seen_through_the_mount(unified: Path, tmp_path: Path) -> None:
    cpu, memory, systemd, second = parse_mounts(_MOUNTS.strip().replace("{place}", str(unified)))
    file = tmp_path / "cgroup"
    file.write_text("4:memory:/docker/a b/c\n3:cpuacct,cpu:/user.slice\n1:name=systemd:/\n0::/in/me:too\n")
    groups = own_groups(str(file))
    assert own_directory(cpu, groups) == cpu.mount / "user.slice"
    assert own_directory(memory, groups) == memory.mount / "c"
    assert own_directory(systemd, groups) == systemd.mount
    assert own_directory(second, groups) == unified / "me:too"


@pytest.mark.parametrize("group", ["/", "/inside", "/../in", "/..", "/other/in"])
def test_a_group_that_the_mount_does_not_show(unified: Path, group: str) -> None:
    hierarchy = Hierarchy(unified, "/in", frozenset(), is_unified=True)
    assert hierarchy.place_of(group) is None
    # As seen from a namespace that this process has been taken out of.
    assert Hierarchy(unified, "/", frozenset(), is_unified=True).place_of("/../x") is None
