"""`--cache-to` and `--cache-from`: steps that one store has done are not done again by another."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from dockerlang.store.store import Store
from tests.busybox import add_busybox
from tests.cli.command import Command
from tests.registry.real_registry import docker_registry

pytestmark = pytest.mark.skipif(os.geteuid() != 0 and not os.environ.get("CI"), reason="needs root to run steps")
DOCKERFILE = """FROM busybox AS tools
RUN echo tool > /tool
FROM busybox
ARG PASSPHRASE=unspoken
WORKDIR /w
RUN date +%N > now
COPY f f
COPY --from=tools /tool /bin/tool
"""


def machine(tmp_path: Path, name: str) -> Command:
    """A store of its own, with the same base and the same context in a directory of its own."""
    work = tmp_path / f"work-{name}"
    work.mkdir()
    (work / "Dockerfile").write_text(DOCKERFILE)
    (work / "f").write_text("content")
    add_busybox(Store.open(tmp_path / name))
    return Command(tmp_path / name, work)


@pytest.fixture
def first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("DOCKERLANG_NO_SYNC", "1")
    return machine(tmp_path, "first")


def build(dockerlang: Command, *arguments: str) -> str:
    """The progress of a build."""
    built = dockerlang("build", "--progress", "plain", "-t", "app", *arguments, ".")
    assert built.returncode == 0, built.stderr
    return built.stderr


def image(dockerlang: Command) -> str:
    return dockerlang("images", "-q", "--no-trunc", "app").stdout


def test_an_empty_store_has_all_steps_from_a_directory(first: Command, tmp_path: Path) -> None:
    build(first, "--cache-to", f"type=local,dest={tmp_path / 'cache'},mode=max")
    second = machine(tmp_path, "second")
    progress = build(second, "--cache-from", f"type=local,src={tmp_path / 'cache'}")
    assert progress.count("CACHED") == 5
    assert "DONE" not in progress
    assert image(second) == image(first)
    shutil.rmtree(tmp_path / "cache")
    assert build(second).count("CACHED") == 5


def test_only_layers_that_are_needed_are_fetched(first: Command, tmp_path: Path) -> None:
    build(first, "--cache-to", f"type=local,dest={tmp_path / 'cache'},mode=max")
    second = machine(tmp_path, "second")
    before = len(list((second.root / "blobs" / "sha256").iterdir()))
    build(second, "--cache-from", f"type=local,src={tmp_path / 'cache'}", "--target", "tools")
    layers = [path for path in (second.root / "blobs" / "sha256").iterdir() if path.read_bytes()[:2] == b"\x1f\x8b"]
    assert len(layers) == 1
    assert len(list((second.root / "blobs" / "sha256").iterdir())) > before


def test_a_small_cache_has_the_layers_of_the_result(first: Command, tmp_path: Path) -> None:
    build(first, "--cache-to", f"type=local,dest={tmp_path / 'cache'}")
    progress = build(machine(tmp_path, "second"), "--cache-from", f"type=local,src={tmp_path / 'cache'}")
    assert progress.count("CACHED") == 4
    assert progress.count("DONE") == 1


def test_a_changed_file_runs_what_uses_it(first: Command, tmp_path: Path) -> None:
    build(first, "--cache-to", f"type=local,dest={tmp_path / 'cache'},mode=max")
    second = machine(tmp_path, "second")
    (second.directory / "f").write_text("other")
    progress = build(second, "--cache-from", f"type=local,src={tmp_path / 'cache'}")
    assert progress.count("CACHED") == 3


def test_a_cache_tells_nothing_of_arguments(first: Command, tmp_path: Path) -> None:
    build(first, "--cache-to", f"type=local,dest={tmp_path / 'cache'},mode=max", "--build-arg", "PASSPHRASE=sesame")
    config = [path.read_bytes() for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert not any(b"sesame" in data or b"PASSPHRASE" in data for data in config)


@pytest.mark.peer
def test_a_registry_holds_a_cache_and_an_image_that_is_one(first: Command, tmp_path: Path) -> None:
    with docker_registry(tmp_path / "registry") as host:
        build(first, "--cache-to", f"type=registry,ref={host}/cache:main,mode=max")
        second = machine(tmp_path, "second")
        assert build(second, "--cache-from", f"{host}/cache:main").count("CACHED") == 5
        assert image(second) == image(first)
        first("build", "-q", "-t", f"{host}/app:1", "--cache-to", "type=inline", "--push", ".")
        third = machine(tmp_path, "third")
        assert build(third, "--cache-from", f"type=registry,ref={host}/app:1").count("CACHED") == 4


def test_a_missing_or_damaged_cache_is_warned_of(first: Command, tmp_path: Path) -> None:
    assert "warning: the cache" in build(first, "--cache-from", f"type=local,src={tmp_path / 'missing'}")
    build(first, "--cache-to", f"type=local,dest={tmp_path / 'cache'},mode=max")
    blobs = tmp_path / "cache" / "blobs" / "sha256"
    for path in blobs.iterdir():
        if path.read_bytes()[:2] == b"\x1f\x8b":
            path.write_bytes(path.read_bytes()[:-20] + b"x" * 20)
    second = machine(tmp_path, "second")
    progress = build(second, "--cache-from", f"type=local,src={tmp_path / 'cache'}")
    assert "is not used" in progress
    assert "CACHED" not in progress
    (tmp_path / "cache" / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": []}))
    assert "holds no build cache" in build(second, "--cache-from", f"type=local,src={tmp_path / 'cache'}")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--cache-to", "type=gha"), "cannot be honoured"),
        (("--cache-to", "type=local"), "needs dest"),
        (("--cache-from", "type=local,src=x,colour=red"), "no attribute"),
        (("--cache-from", "src=x"), "has no type"),
        (("--cache-to", "type=local,dest=x,mode=middle"), "min and max"),
        (("--cache-to", "type=local,dest=Dockerfile"), "cannot write"),
    ],
)
def test_bad_caches_are_refused(first: Command, arguments: tuple[str, ...], message: str) -> None:
    failed = first("build", *arguments, ".")
    assert failed.returncode in (1, 125)
    assert message in failed.stderr
    assert "Traceback" not in failed.stderr
