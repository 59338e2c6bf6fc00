"""What an OCI runtime is told, beside what docker's own daemon (20.10) tells it for the same container."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dockerlang.runtime import oci_bundle
from dockerlang.runtime.cgroup_view import VisibleGroup
from dockerlang.runtime.hierarchies import Hierarchy
from dockerlang.runtime.limits import Resources
from dockerlang.runtime.oci_bundle import configuration
from dockerlang.runtime.process import PRIVILEGED, Namespace, Network, Process, TerminalSize
from dockerlang.runtime.users import User

ROOT = User(0, 0, (0,), "/root")


def told(user: User = ROOT, **settings: Any) -> dict[str, Any]:
    process = Process(("true",), **{"network": Network.NONE, "hostname": "box", **settings})
    return configuration(process, user, Path("/root/of/it"), owns_network=True)


def options(document: dict[str, Any], destination: str) -> set[str]:
    (mount,) = (mount for mount in document["mounts"] if mount["destination"] == destination)
    return set(mount["options"])


def namespaces(document: dict[str, Any]) -> set[str]:
    return {namespace["type"] for namespace in document["linux"]["namespaces"]}


def test_a_confined_process_is_dockers() -> None:
    document = told()
    assert namespaces(document) - {"cgroup"} == {"mount", "network", "uts", "pid", "ipc"}
    assert options(document, "/proc") == {"nosuid", "noexec", "nodev"}
    assert options(document, "/sys") == options(document, "/sys/fs/cgroup") == {"nosuid", "noexec", "nodev", "ro"}
    assert set(document["linux"]["readonlyPaths"]) == {
        "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
    }  # fmt: skip
    assert {"/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"} <= set(document["linux"]["maskedPaths"])
    assert document["linux"]["sysctl"] == {
        "net.ipv4.ip_unprivileged_port_start": "0",
        "net.ipv4.ping_group_range": "0 2147483647",
    }
    sets = document["process"]["capabilities"]
    assert len(sets["bounding"]) == 14
    assert sets["bounding"] == sets["permitted"] == sets["effective"]
    assert "inheritable" not in sets
    assert document["process"]["noNewPrivileges"] is False


def test_others_than_root_keep_the_bounding_set_alone() -> None:
    sets = told(User(5, 5, (5,), "/"))["process"]["capabilities"]
    assert (len(sets["bounding"]), sets["permitted"], sets["effective"]) == (14, [], [])


def test_a_privileged_process_sees_all() -> None:
    document = told(security=PRIVILEGED)
    assert not {"maskedPaths", "readonlyPaths", "seccomp"} & set(document["linux"])
    assert "rw" in options(document, "/sys") & options(document, "/sys/fs/cgroup")
    assert document["linux"]["resources"]["devices"] == [{"allow": True, "access": "rwm"}]


def test_shared_namespaces_are_not_made() -> None:
    document = told(host_namespaces=frozenset(Namespace), network=Network.HOST, hostname="")
    assert namespaces(document) == {"pid", "mount"}
    assert "hostname" not in document
    assert document["linux"]["sysctl"] == {}


def test_an_init_is_in_the_namespace_that_there_is() -> None:
    assert "pid" not in namespaces(told(has_init=True))


@pytest.mark.parametrize("is_unified", [True, False])
def test_names_of_groups_are_hidden_where_runtimes_can(is_unified: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    hierarchy = Hierarchy(Path("/sys/fs/cgroup"), "/", frozenset({"memory"}), is_unified=is_unified)
    monkeypatch.setattr(oci_bundle, "mounted_hierarchies", lambda: (hierarchy,))
    assert ("cgroup" in namespaces(told())) is is_unified
    assert "cgroup" not in namespaces(told(host_namespaces=frozenset({Namespace.CGROUP})))


def test_what_is_asked_for_is_passed_on() -> None:
    document = told(
        terminal=TerminalSize(),
        domain_name="example",
        out_of_memory_score=-5,
        sysctls=(("net.ipv4.ping_group_range", "1 0"),),
        resources=Resources(memory=64 << 20, memory_reservation=32 << 20, pids=9),
    )
    assert document["process"]["terminal"] is True
    assert document["process"]["oomScoreAdj"] == -5
    assert document["linux"]["sysctl"]["kernel.domainname"] == "example"
    assert document["linux"]["sysctl"]["net.ipv4.ping_group_range"] == "1 0"
    limits = document["linux"]["resources"]
    assert limits["memory"] == {"limit": 64 << 20, "swap": 128 << 20, "reservation": 32 << 20}
    assert limits["pids"] == {"limit": 9}


def test_a_filter_names_what_it_allows() -> None:
    confined, administrator = (
        told(capabilities=frozenset(names))["linux"]["seccomp"] for names in ((), ("SYS_ADMIN",))
    )
    for filter_, may_mount in ((confined, False), (administrator, True)):
        allowed = {name for rule in filter_["syscalls"] if rule["action"] == "SCMP_ACT_ALLOW" for name in rule["names"]}
        assert ("mount" in allowed) is may_mount
        assert {"read", "clone", "socket", "statmount"} <= allowed
        assert not {"keyctl", "io_uring_setup", "kexec_load"} & allowed
    assert (confined["defaultAction"], confined["defaultErrnoRet"]) == ("SCMP_ACT_ERRNO", 38)


def test_groups_that_the_runtime_does_not_make_are_bound(tmp_path: Path) -> None:
    def destinations(groups: tuple[VisibleGroup, ...]) -> list[str]:
        process = Process(("true",), network=Network.NONE)
        document = configuration(process, ROOT, Path("/root/of/it"), owns_network=True, groups=groups)
        found = [mount for mount in document["mounts"] if mount["destination"].startswith("/sys/fs/cgroup")]
        assert all("ro" in mount["options"] for mount in found if mount["type"] == "bind")
        return [f"{mount['type']} {mount['destination']}" for mount in found]

    assert destinations((VisibleGroup("", tmp_path),)) == ["bind /sys/fs/cgroup"]
    assert destinations((VisibleGroup("memory", tmp_path),)) == ["tmpfs /sys/fs/cgroup", "bind /sys/fs/cgroup/memory"]
    # Nothing to be seen still covers what a bound /sys shows of the host.
    assert destinations(()) == ["tmpfs /sys/fs/cgroup"]
