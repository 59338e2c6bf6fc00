"""The same input gives the same layers and the same image, whatever the machine that builds it is like."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from dockerlang.store.store import Store
from tests.busybox import add_busybox

pytestmark = pytest.mark.skipif(os.geteuid() != 0 and not os.environ.get("CI"), reason="needs root to run steps")
DOCKERFILE = """FROM busybox AS made
WORKDIR /made/here
RUN for name in z a m; do echo $name > $name; done && ln a again && ln -s m link && mkdir -p d/e && rm /etc/group
FROM busybox
COPY --chown=www tree /tree
COPY --from=made /made /made
ADD archive.tar /unpacked
ENV B=1 A=2
LABEL z=1 a=2
"""
NAMES = ["zebra", "Äpfel", "apple", "sub/one", "sub/two", "sub/deep/three"]
SURROUNDINGS = [
    {"umask": 0o022, "LANG": "C.UTF-8", "PYTHONHASHSEED": "0", "TZ": "UTC", "reverse": False},
    {"umask": 0o077, "LANG": "de_DE.UTF-8", "PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo", "reverse": True},
    {"umask": 0o000, "LANG": "C", "PYTHONHASHSEED": "99", "TZ": "America/New_York", "reverse": True},
]


def build_in(directory: Path, surroundings: dict[str, object]) -> set[str]:
    """The image, its layers and its manifest, as a build in such surroundings makes them."""
    context = directory / "context"
    names = sorted(NAMES, reverse=bool(surroundings["reverse"]))
    for name in names:
        path = context / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    write_archive(context)
    (context / "Dockerfile").write_text(DOCKERFILE)
    for path in (context, *context.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (1_500_000_000, 1_500_000_000))
    store = Store.open(directory / "store")
    add_busybox(store)
    variables = {name: str(surroundings[name]) for name in ("LANG", "PYTHONHASHSEED", "TZ")}
    subprocess.run(
        [sys.executable, "-m", "dockerlang", "--root", str(store.root), "build", "-q", "-t", "app",
         "--build-arg", "SOURCE_DATE_EPOCH=1600000000", "-o", "type=image,rewrite-timestamp=true", str(context)],
        env={**os.environ, "DOCKERLANG_NO_SYNC": "1", **variables},
        umask=int(str(surroundings["umask"])),
        check=True,
    )  # fmt: skip
    app = store.find("app")
    assert app is not None
    with sqlite3.connect(store.layout.database) as connection:
        named = {row[0] for row in connection.execute("SELECT digest FROM manifest JOIN ref USING (image)")}
    return {str(app.id), *map(str, app.diff_ids), *named}


def write_archive(context: Path) -> None:
    """An archive with a time of its own, the same in every context."""
    with tarfile.open(context / "archive.tar", "w", format=tarfile.PAX_FORMAT) as archive:
        for name in ("b", "a"):
            info = tarfile.TarInfo(name)
            info.mtime = 1_400_000_000
            archive.addfile(info)


def test_two_machines_make_the_same_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKERLANG_NO_SYNC", "1")
    made = [build_in(tmp_path / str(number), each) for number, each in enumerate(SURROUNDINGS)]
    assert len(made[0]) > 5
    assert made == [made[0]] * len(made)
