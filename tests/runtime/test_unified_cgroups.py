"""Version 2 of control groups: on a tree that answers as the kernel does, and on the kernel's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dockerlang.runtime import cgroup_files, cgroups
from dockerlang.runtime.cgroup_parents import NoControlGroup
from dockerlang.runtime.cgroups import ControlGroup, make_control_group
from dockerlang.runtime.limits import Resources
from tests.ordinary_user import REPOSITORY
from tests.runtime.fake_cgroups import FakeKernel

SCOPE = "user.slice/user-1000.slice/user@1000.service/app.slice/run-1.scope"
SESSION = "user.slice/user-1000.slice/session-1.scope"
LIMITS = Resources(memory=64 << 20, pids=20)


def made(resources: Resources) -> Path:
    """The directory of a new group, which has one here."""
    group = make_control_group(resources)
    assert isinstance(group, ControlGroup)
    (directory,) = group.directories
    return directory


def contents(directory: Path, *names: str) -> dict[str, str]:
    return {name: (directory / name).read_text() for name in names}


@pytest.fixture
def machine(tmp_path: Path) -> FakeKernel:
    """A machine under systemd, at its start: only some controllers are handed down, and processes are everywhere."""
    kernel = FakeKernel(tmp_path / "cgroup", "cpuset cpu io memory pids".replace("io ", ""))
    kernel.group("", processes=["2", "3"], hands_down="memory pids")
    kernel.group("system.slice/ssh.service", processes=["400"])
    return kernel


def test_root_has_groups_of_its_own(machine: FakeKernel, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.install(monkeypatch, "/system.slice/ssh.service")
    directory = made(Resources(memory=64 << 20, memory_swap=96 << 20, cpu_quota=50_000, pids=20))
    assert directory.parent == machine.top / "dockerlang"
    assert machine.handed_down(machine.top) == machine.handed_down(directory.parent) == {"cpu", "memory", "pids"}
    assert contents(directory, "memory.max", "memory.swap.max", "cpu.max", "pids.max") == {
        "memory.max": str(64 << 20),
        "memory.swap.max": str(32 << 20),
        "cpu.max": "50000 100000",
        "pids.max": "20",
    }
    assert machine.processes(machine.top / "system.slice/ssh.service") == ["400"]


def test_a_group_goes_when_it_is_closed(machine: FakeKernel, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.install(monkeypatch, "/")
    group = make_control_group(LIMITS)
    assert group is not None
    (directory,) = group.directories
    group.close()
    assert not directory.exists()


def test_a_kernel_without_accounting_of_swap(machine: FakeKernel, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.install(monkeypatch, "/")
    write = machine.write

    def without_swap(path: Path, text: str) -> None:
        if "swap" in path.name:
            raise FileNotFoundError(2, "No such file or directory", str(path))
        write(path, text)

    monkeypatch.setattr(cgroup_files, "write", without_swap)
    assert contents(made(LIMITS), "memory.max") == {"memory.max": str(64 << 20)}


def test_a_given_slice_is_reached_as_systemd_names_it(machine: FakeKernel, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.install(monkeypatch, "/")
    directory = made(Resources(cpu_shares=512, parent="build-nightly.slice"))
    assert directory.parent == machine.top / "build.slice" / "build-nightly.slice"
    assert machine.handed_down(directory.parent) == {"cpu"}
    assert machine.handed_down(machine.top / "build.slice") == {"cpu"}


# An ordinary user


@pytest.fixture
def lent(machine: FakeKernel) -> Path:
    """A scope that was handed over to a user, with two processes of his."""
    machine.group("user.slice", hands_down="memory pids")
    machine.group("user.slice/user-1000.slice", hands_down="memory pids")
    machine.group("user.slice/user-1000.slice/user@1000.service", hands_down="memory pids")
    machine.group(str(Path(SCOPE).parent), hands_down="memory pids")
    scope = machine.group(SCOPE, processes=["100", "101"])
    machine.writable = {scope}
    return scope


def test_room_is_made_in_a_group_that_was_lent(
    machine: FakeKernel, lent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.install(monkeypatch, f"/{SCOPE}")
    directory = made(LIMITS)
    assert directory.parent == lent
    assert machine.processes(lent) == []
    assert machine.processes(lent / "dockerlang-itself") == ["100", "101"]
    assert contents(directory, "memory.max", "pids.max") == {"memory.max": str(64 << 20), "pids.max": "20"}
    assert not (machine.top / "dockerlang").exists()


def test_room_that_was_made_serves_the_next_one(
    machine: FakeKernel, lent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.install(monkeypatch, f"/{SCOPE}")
    made(Resources(pids=20))
    assert machine.handed_down(lent) == {"pids"}
    # The next program begins where the first one has moved its shell to.
    machine.install(monkeypatch, f"/{SCOPE}/dockerlang-itself")
    directory = made(LIMITS)
    assert directory.parent == lent
    assert machine.handed_down(lent) == {"memory", "pids"}


def test_processes_come_and_go_while_room_is_made(
    machine: FakeKernel, lent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.vanished, machine.arriving = {"100"}, ["102"]
    machine.install(monkeypatch, f"/{SCOPE}")
    made(LIMITS)
    assert machine.processes(lent) == []
    assert sorted(machine.processes(lent / "dockerlang-itself")) == ["101", "102"]


def refusal(resources: Resources) -> str:
    with pytest.raises(NoControlGroup) as caught:
        make_control_group(resources)
    assert cgroups.control_group_for(resources) is None
    assert cgroups.reason_against(resources) == caught.value.strerror
    return caught.value.strerror or ""


def test_a_session_that_was_not_lent_is_left_alone(machine: FakeKernel, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.group("user.slice", hands_down="memory pids")
    machine.group("user.slice/user-1000.slice", hands_down="memory pids")
    session = machine.group(SESSION, processes=["100"])
    machine.writable = set()
    machine.install(monkeypatch, f"/{SESSION}")
    assert "systemd-run --user --scope -p Delegate=yes" in refusal(LIMITS)
    assert machine.processes(session) == ["100"]
    assert [path for path in session.iterdir() if path.is_dir()] == []


def test_what_was_not_lent_is_named(machine: FakeKernel, lent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.install(monkeypatch, f"/{SCOPE}")
    assert refusal(Resources(cpuset_cpus="0", pids=5)) == "the control group of this program may not limit cpuset"
    assert machine.processes(lent) == ["100", "101"]


def test_processes_out_of_sight_are_in_the_way(
    machine: FakeKernel, lent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What lives in a pid namespace that this one does not contain has the number 0 here.
    (lent / "cgroup.procs").write_text("100\n0\n")
    machine.install(monkeypatch, f"/{SCOPE}")
    assert "out of its sight" in refusal(LIMITS)


def test_a_given_group_that_is_not_the_users_is_refused(
    machine: FakeKernel, lent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.install(monkeypatch, f"/{SCOPE}")
    assert "may not make control groups" in refusal(Resources(pids=5, parent="/other"))
    assert machine.processes(lent) == ["100", "101"]


def test_a_controller_that_the_machine_lacks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = FakeKernel(tmp_path / "cgroup", "pids")
    kernel.install(monkeypatch, "/")
    assert refusal(LIMITS) == "this machine has no control groups for memory"


# Inside of a container


def test_room_is_made_in_a_container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = FakeKernel(tmp_path / "cgroup", "cpu memory pids", is_machine=False)
    kernel.group("", processes=["1", "8"])
    kernel.install(monkeypatch, "/")
    directory = made(LIMITS)
    assert directory.parent == kernel.top
    assert kernel.processes(kernel.top / "dockerlang-itself") == ["1", "8"]
    assert not (kernel.top / "dockerlang").exists()


# The kernel's own

_REAL = """
import json, os, sys
from pathlib import Path
from dockerlang.runtime import cgroup_files, kernel
from dockerlang.runtime.cgroup_parents import parent_for
from dockerlang.runtime.cgroups import join
from dockerlang.runtime.hierarchies import mounted_hierarchies, own_directory, own_groups

place, name = Path(sys.argv[1]), sys.argv[2]
kernel.unshare(kernel.CLONE_NEWNS)
kernel.mount("", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
kernel.mount("cgroup2", place, "cgroup2")
hierarchy = next(found for found in mounted_hierarchies() if found.is_unified)
controllers = tuple(sorted(hierarchy.controllers))[:1]
answers = {"controllers": controllers}
try:
    parent = parent_for(hierarchy, controllers, f"{name}/given")
except OSError:
    # The top is a container's, and holds processes.
    answers = {"controllers": ()}
if answers["controllers"]:
    top = hierarchy.mount / name
    answers["given"] = str(parent.relative_to(top)), cgroup_files.read(parent / "cgroup.subtree_control").split()
    # What systemd does for a user: a group that is his, with his processes in it.
    lent = top / "lent"
    lent.mkdir()
    for path in (lent, *(lent / f"cgroup.{what}" for what in ("procs", "subtree_control", "threads"))):
        os.chown(path, 65534, 65534)
    cgroup_files.write(lent / "cgroup.procs", "0")
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
    sibling = os.fork()
    if sibling == 0:
        os.execlp("sleep", "sleep", "60")
    try:
        parent = parent_for(hierarchy, controllers)
        answers["lent"] = str(parent.relative_to(top)), cgroup_files.read(parent / "cgroup.subtree_control").split()
        answers["moved"] = sorted(map(int, cgroup_files.read(lent / "dockerlang-itself" / "cgroup.procs").split()))
        answers["expected"] = sorted([os.getpid(), sibling])
        cgroup_files.make(parent / "mine")
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            join((parent / "mine",))
            os.write(writing, str(own_directory(hierarchy, own_groups())).encode())
            os._exit(0)
        os.waitpid(child, 0)
        answers["joined"] = str(Path(os.read(reading, 4096).decode()).relative_to(top))
        cgroup_files.remove(parent / "mine")
        answers["removed"] = not (parent / "mine").exists()
        answers["again"] = str(parent_for(hierarchy, controllers).relative_to(top))
    finally:
        os.kill(sibling, 9)
        os.waitpid(sibling, 0)
print(json.dumps(answers))
"""

_CLEAN = """
import os, sys
from pathlib import Path
from dockerlang.runtime import cgroup_files, kernel
kernel.unshare(kernel.CLONE_NEWNS)
kernel.mount("", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
kernel.mount("cgroup2", sys.argv[1], "cgroup2")
cgroup_files.remove(Path(sys.argv[1]) / sys.argv[2])
assert not (Path(sys.argv[1]) / sys.argv[2]).exists()
"""


@pytest.mark.root
@pytest.mark.namespaces
def test_the_kernel_agrees(tmp_path: Path) -> None:
    # A user other than root has to find his way there.
    place = Path(f"/tmp/dockerlang-test-cgroup-{os.getpid()}")
    place.mkdir()
    arguments = [str(place), f"dockerlang-test-{os.getpid()}"]
    try:
        done = subprocess.run(
            [sys.executable, "-c", _REAL, *arguments], capture_output=True, text=True, cwd=REPOSITORY, check=False
        )
        subprocess.run([sys.executable, "-c", _CLEAN, *arguments], cwd=REPOSITORY, check=True)
    finally:
        place.rmdir()
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    if not answers["controllers"]:
        pytest.skip("all controllers of this machine are in hierarchies of version 1")
    controllers = answers["controllers"]
    assert answers["given"] == ["given", controllers]
    assert answers["lent"] == ["lent", controllers]
    assert answers["moved"] == answers["expected"]
    assert (answers["joined"], answers["removed"], answers["again"]) == ("lent/mine", True, "lent")


_VIEW = """
import json, os, sys
from pathlib import Path
from dockerlang.runtime import cgroup_files, kernel
from dockerlang.runtime.hierarchies import mounted_hierarchies
from dockerlang.runtime.namespaces import NamespaceRuntime
from dockerlang.runtime.process import Namespace, Process
from dockerlang.runtime.root import Root

tree, place, name = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
kernel.unshare(kernel.CLONE_NEWNS)
kernel.mount("", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
for hierarchy in mounted_hierarchies():
    kernel.unmount(hierarchy.mount, kernel.MNT_DETACH)
mounted_hierarchies.cache_clear()
kernel.mount("cgroup2", "/sys/fs/cgroup", "cgroup2")
group = Path("/sys/fs/cgroup") / name
answers = {}
script = "cat /proc/self/cgroup | tail -n 1; ls /sys/fs/cgroup | grep -c cgroup.procs; mkdir /sys/fs/cgroup/x 2>&1"

def run(key, **settings):
    output = []
    with NamespaceRuntime() as runtime:
        process = Process(("/bin/sh", "-c", f"{script}; ls -d /sys/fs/cgroup/{name}"), ("PATH=/bin",), **settings)
        runtime.run(process, Root.create(place / key, (tree,)), sink=lambda stream, data: output.append(data))
    answers[key] = b"".join(output).decode().splitlines()

run("top")
group.mkdir()
(group / "inner").mkdir()
try:
    cgroup_files.write(group / "cgroup.procs", "0")
    run("own")
    run("shared", host_namespaces=frozenset({Namespace.CGROUP}))
finally:
    cgroup_files.write(Path("/sys/fs/cgroup/cgroup.procs"), "0")
    cgroup_files.remove(group)
print(json.dumps(answers))
"""


@pytest.mark.root
@pytest.mark.namespaces
def test_a_process_sees_its_own_group(tree: Path, tmp_path: Path) -> None:
    name = f"dockerlang-test-{os.getpid()}"
    arguments = [sys.executable, "-c", _VIEW, str(tree), str(tmp_path), name]
    done = subprocess.run(arguments, capture_output=True, text=True, cwd=REPOSITORY, check=False)
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    own, shared, top = answers["own"], answers["shared"], answers["top"]
    assert own[:2] == ["0::/", "1"]
    assert "Read-only file system" in own[2]
    assert "No such file" in own[3]
    assert shared[:2] == [f"0::/{name}", "1"]
    assert shared[3] == f"/sys/fs/cgroup/{name}"
    # Nothing of the machine's top is shown, and so nothing of other groups.
    assert top[:2] == ["0::/", "0"]
