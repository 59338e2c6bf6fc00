"""With docker itself: what is saved here loads there, what is saved there loads here, and every digest stays.

Where no docker daemon is installed, skopeo and umoci stand for it in the tests of archives: continuous integration does
without one.
"""

from __future__ import annotations

import io
import json
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dockerlang.store.check import check_store
from dockerlang.store.store import Store
from tests.busybox import add_busybox
from tests.cli.command import Command
from tests.store.real_docker import Docker, dockerd

pytestmark = [
    pytest.mark.root,
    pytest.mark.peer,
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("dockerd"), reason="needs docker's daemon"),
]

_DOCKERFILE = """\
FROM busybox
RUN mkdir -p /d/e && echo 1 > /d/e/f && ln -s e/f /d/link && ln /d/e/f /d/hard && chmod 4711 /d/e/f
COPY Dockerfile /copied
RUN rm /d/link && chown 1000:1001 /d
ENV NAME=value
LABEL quoted="a <b> & c"
VOLUME /data
CMD ["cat", "/d/e/f"]
"""


@pytest.fixture(scope="module")
def docker() -> Iterator[Docker]:
    with tempfile.TemporaryDirectory(prefix="d") as directory, dockerd(Path(directory)) as started:
        yield started


@pytest.fixture
def dockerlang(tmp_path: Path) -> Command:
    add_busybox(Store.open(tmp_path / "store"))
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "Dockerfile").write_text(_DOCKERFILE)
    return Command(tmp_path / "store", tmp_path / "work")


def run(dockerlang: Command, *arguments: str) -> str:
    result = dockerlang(*arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def inspected(text: str) -> dict[str, Any]:
    """What both know of an image."""
    (document,) = json.loads(text)
    config = {
        name: value
        for name, value in document["Config"].items()
        if name in {"Cmd", "Entrypoint", "Env", "Labels", "User", "Volumes", "WorkingDir"} and value
    }
    return {"Id": document["Id"], "RootFS": document["RootFS"], "Os": document["Os"], "Config": config}


def files_of(archive: bytes) -> list[tuple[object, ...]]:
    """Every file of an exported root, but for what a runtime puts there."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return sorted(
            (
                member.name.rstrip("/"),
                member.type,
                member.mode & 0o7777,
                member.uid,
                member.gid,
                member.linkname,
                member.size,
            )
            for member in tar
            if member.name.split("/")[0] in {"d", "copied", "bin"}
        )


def test_what_is_built_and_saved_here_is_the_same_image_there(
    dockerlang: Command, docker: Docker, tmp_path: Path
) -> None:
    identifier = run(dockerlang, "build", "-q", "-t", "ours:1", ".")
    run(dockerlang, "save", "-o", "ours.tar", "ours:1")
    assert docker("load", "-i", str(dockerlang.directory / "ours.tar")) == "Loaded image: ours:1"
    theirs = inspected(docker("image", "inspect", "ours:1"))
    assert theirs["Id"] == identifier
    assert theirs == inspected(run(dockerlang, "image", "inspect", "ours:1"))
    # What it unpacks to is the same, too.
    container = docker("create", "--network", "none", "ours:1")
    docker("export", "-o", str(tmp_path / "theirs.tar"), container)
    run(dockerlang, "run", "--name", "box", "ours:1", "true")
    run(dockerlang, "export", "-o", "root.tar", "box")
    assert files_of((tmp_path / "theirs.tar").read_bytes()) == files_of(
        (dockerlang.directory / "root.tar").read_bytes()
    )
    docker("rm", container)


def test_what_is_built_and_saved_there_is_the_same_image_here(dockerlang: Command, docker: Docker) -> None:
    run(dockerlang, "save", "-o", "base.tar", "busybox")
    docker("load", "-i", str(dockerlang.directory / "base.tar"))
    identifier = docker("build", "-q", "--network", "none", "-t", "theirs:1", str(dockerlang.directory))
    archive = str(dockerlang.directory / "theirs.tar")
    docker("save", "-o", archive, "theirs:1")
    assert run(dockerlang, "load", "-i", archive) == "Loaded image: theirs:1"
    assert list(check_store(Store.open(dockerlang.root), full=True).problems) == []
    ours = inspected(run(dockerlang, "image", "inspect", "theirs:1"))
    assert ours["Id"] == identifier
    assert ours == inspected(docker("image", "inspect", "theirs:1"))
    assert run(dockerlang, "run", "--rm", "theirs:1") == "1"


def test_an_image_that_went_there_and_back_is_the_same_bytes(dockerlang: Command, docker: Docker) -> None:
    identifier = run(dockerlang, "build", "-q", "-t", "travelled:1", ".")
    run(dockerlang, "save", "-o", "first.tar", "travelled:1")
    docker("load", "-i", str(dockerlang.directory / "first.tar"))
    docker("save", "-o", str(dockerlang.directory / "theirs.tar"), "travelled:1")
    run(dockerlang, "rmi", "-f", "travelled:1")
    run(dockerlang, "builder", "prune", "-af")
    run(dockerlang, "load", "-i", "theirs.tar")
    assert inspected(run(dockerlang, "image", "inspect", "travelled:1"))["Id"] == identifier
    run(dockerlang, "save", "-o", "last.tar", "travelled:1")
    assert (dockerlang.directory / "last.tar").read_bytes() == (dockerlang.directory / "first.tar").read_bytes()


def test_several_images_with_several_names_go_both_ways(dockerlang: Command, docker: Docker) -> None:
    run(dockerlang, "tag", "busybox", "one:1")
    run(dockerlang, "tag", "busybox", "one:2")
    run(dockerlang, "build", "-q", "-t", "two:1", ".")
    run(dockerlang, "save", "-o", "all.tar", "one", "two:1")
    loaded = docker("load", "-i", str(dockerlang.directory / "all.tar")).splitlines()
    assert sorted(loaded) == ["Loaded image: one:1", "Loaded image: one:2", "Loaded image: two:1"]
    docker("save", "-o", str(dockerlang.directory / "back.tar"), "one", "two:1")
    other = Command(dockerlang.root.parent / "other", dockerlang.directory)
    assert sorted(run(other, "load", "-i", "back.tar").splitlines()) == sorted(loaded)
    for name in ("one:1", "one:2", "two:1"):
        there = run(dockerlang, "images", "-q", "--no-trunc", name)
        assert run(other, "images", "-q", "--no-trunc", name) == there == docker("images", "-q", "--no-trunc", name)
