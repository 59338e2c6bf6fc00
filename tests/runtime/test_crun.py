"""The second OCI runtime, crun, at what runtimes do each in a way of their own: terminals, inits, groups, filters."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.ordinary_user import REPOSITORY

pytestmark = pytest.mark.root

_SESSION = """
import json, os, sys
from pathlib import Path
from dockerlang.records import replace
from dockerlang.runtime import cgroups, kernel
from dockerlang.runtime.hierarchies import mounted_hierarchies
from dockerlang.runtime.limits import Resources
from dockerlang.runtime.oci import runtime_called
from dockerlang.runtime.process import Process, TerminalSize
from dockerlang.runtime.root import Root

kernel.unshare(kernel.CLONE_NEWNS)
kernel.mount("", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
# crun wants one version of control groups or the other.
if len({hierarchy.is_unified for hierarchy in mounted_hierarchies()}) > 1:
    for hierarchy in mounted_hierarchies():
        if hierarchy.is_unified:
            kernel.unmount(hierarchy.mount, kernel.MNT_DETACH)
    mounted_hierarchies.cache_clear()
tree, place = Path(sys.argv[1]), Path(sys.argv[2])
answers = {}

def process(script, **settings):
    return replace(Process(("/bin/sh", "-c", script), ("PATH=/bin",)), **settings)

def run(name, script, **settings):
    output = []
    status = runtime.run(
        process(script, **settings), Root.create(place / name, (tree,)), sink=lambda stream, data: output.append(data)
    )
    answers[name] = [status, b"".join(output).decode().split()]

with runtime_called("crun") as runtime:
    run("plain", "grep -E 'Seccomp:|CapEff' /proc/self/status; exit 3")
    run("filter", "unshare -m true; mount -t tmpfs none /mnt")
    run("init", "ps -o pid,comm | grep -c dockerlang; tr -d '\\\\0' < /proc/1/cmdline; exit 4", has_init=True)
    limits = Resources(memory=64 << 20)
    answers["reason"] = cgroups.reason_against(limits)
    run("limits", "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max", resources=limits)
    nothing = os.open(os.devnull, os.O_RDWR)
    root = Root.create(place / "terminal", (tree,))
    script = "tty; stty size; echo seen > /dev/console; exit 5"
    with runtime.start(process(script, terminal=TerminalSize(30, 90)), root, (nothing, nothing, nothing)) as running:
        terminal = running.await_terminal()
        output = b""
        try:
            while block := os.read(terminal, 4096):
                output += block
        except OSError:
            pass
        answers["terminal"] = [running.wait(), output.decode().split()]
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def answers(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    if shutil.which("crun") is None and os.environ.get("CI") != "true":
        pytest.skip("needs crun")
    arguments = [sys.executable, "-c", _SESSION, str(tree), str(tmp_path_factory.mktemp("crun"))]
    done = subprocess.run(arguments, capture_output=True, text=True, cwd=REPOSITORY, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_process_is_confined(answers: dict[str, Any]) -> None:
    assert answers["plain"] == [3, ["CapEff:", "00000000a80425fb", "Seccomp:", "2"]]
    status, words = answers["filter"]
    assert status != 0
    assert {"permitted", "denied"} <= {word.strip("?.") for word in words}


def test_an_init(answers: dict[str, Any]) -> None:
    assert answers["init"] == [4, ["1", "dockerlang-init"]]


def test_a_limit(answers: dict[str, Any]) -> None:
    if answers["reason"] and os.environ.get("CI") != "true":
        pytest.skip(answers["reason"])
    assert str(64 << 20) in answers["limits"][1]


def test_a_terminal(answers: dict[str, Any]) -> None:
    assert answers["terminal"] == [5, ["/dev/pts/0", "30", "90", "seen"]]
