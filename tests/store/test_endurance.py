"""Eight processes at once on one store, each with the commands of a user: no error but that something is gone already.

Twenty seconds by default; `DOCKERLANG_ENDURANCE=300` has it go on for five minutes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dockerlang.store.check import check_store
from dockerlang.store.store import Store
from tests.busybox import add_busybox
from tests.cli.command import Command
from tests.registry.fake_registry import FakeRegistry, serving
from tests.registry.images import publish

pytestmark = [pytest.mark.root, pytest.mark.slow]

PROCESSES = 8
_SECONDS = os.environ.get("DOCKERLANG_ENDURANCE", "20")
_ROOT = Path(__file__).parents[2]


def test_eight_processes_get_along(tmp_path: Path) -> None:
    root = tmp_path / "store"
    add_busybox(Store.open(root))
    with serving(FakeRegistry()) as registry:
        publish(registry, "app", "1", ({"pulled": b"1" * 50_000}, {"more": b"2"}))
        workers = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.store.stress", root, registry.address, str(seed), _SECONDS],
                cwd=_ROOT,
                stdout=subprocess.PIPE,
                text=True,
            )
            for seed in range(PROCESSES)
        ]
        reports = [worker.communicate()[0] for worker in workers]
    print("\n".join(reports))
    assert [worker.returncode for worker in workers] == [0] * PROCESSES, "\n".join(reports)
    store = Store.open(root)
    assert check_store(store, full=True).problems == ()
    dockerlang = Command(root, tmp_path)
    for arguments in (("builder", "prune", "-af"), ("system", "prune", "-af"), ("builder", "prune", "-af")):
        assert dockerlang(*arguments).returncode == 0
    assert dockerlang("images", "-aq").stdout == ""
    assert check_store(store, full=True).problems == ()
    for name in ("blobs/sha256", "indexes", "containers", "ingest", "work", "trash", "leases", "layers/l"):
        assert os.listdir(root / name) == [], name
    assert os.listdir(root / "layers") == ["l"]
