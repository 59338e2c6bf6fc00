"""`builder prune`: what goes of what builds have left behind, and what stays."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from dockerlang.store.cache_mounts import list_cache_mounts
from dockerlang.store.layout import Layout
from tests.cli.command import Command

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0 and not os.environ.get("CI"), reason="needs root to run steps"),
]

_DOCKERFILE = "FROM busybox\nRUN --mount=type=cache,id={0},target=/c seq {1} > /c/made; echo {0} > /made\nENV A=1\n"


def _build(dockerlang: Command, name: str, *options: str, size: int = 100) -> str:
    """The progress of a build with a cache mount of its own."""
    (dockerlang.directory / "Dockerfile").write_text(_DOCKERFILE.format(name, size))
    result = dockerlang("build", *options, ".")
    assert result.returncode == 0, result.stderr
    return result.stderr


def _caches(dockerlang: Command) -> list[str]:
    return [cache.name for cache in list_cache_mounts(Layout(dockerlang.root))]


def test_without_all_the_steps_of_named_images_are_remembered(dockerlang: Command) -> None:
    _build(dockerlang, "named", "-t", "app")
    _build(dockerlang, "unnamed")
    steps = dockerlang("images", "-aq").stdout.split()
    result = dockerlang("builder", "prune", "-f")
    assert result.returncode == 0
    assert result.stdout.startswith("Deleted build cache objects:\n")
    assert "Total reclaimed space: " in result.stdout.splitlines()[-1]
    assert _caches(dockerlang) == []
    assert len(dockerlang("images", "-aq").stdout.split()) <= len(steps)
    assert "CACHED" in _build(dockerlang, "named", "-t", "app")


def test_all_forgets_the_steps_of_named_images_too(dockerlang: Command) -> None:
    _build(dockerlang, "named", "-t", "app")
    assert dockerlang("builder", "prune", "-af").returncode == 0
    assert dockerlang("images", "-q", "app").stdout, "the image itself stays"
    assert "CACHED" not in _build(dockerlang, "named")


def test_until_keeps_what_was_used_since_then(dockerlang: Command) -> None:
    _build(dockerlang, "old")
    _build(dockerlang, "new")
    (new, old) = _caches(dockerlang)
    long_ago = time.time() - 48 * 3600
    os.utime(dockerlang.root / "caches" / f"{old}.users", (long_ago, long_ago))
    result = dockerlang("builder", "prune", "-af", "--filter", "until=24h")
    assert result.stdout.splitlines()[:2] == ["Deleted build cache objects:", old]
    assert _caches(dockerlang) == [new]
    assert "CACHED" in _build(dockerlang, "old"), "what was built is younger than a day"


def test_type_chooses_one_kind(dockerlang: Command) -> None:
    _build(dockerlang, "one")
    dockerlang("builder", "prune", "-af", "--filter", "type=exec.cachemount")
    assert _caches(dockerlang) == []
    assert "CACHED" in _build(dockerlang, "one")
    _build(dockerlang, "two")
    before = _caches(dockerlang)
    dockerlang("builder", "prune", "-af", "--filter", "type=regular")
    assert _caches(dockerlang) == before != []
    result = dockerlang("builder", "prune", "-f", "--filter", "type=nonsense")
    assert result.returncode == 1
    assert "there are regular and exec.cachemount" in result.stderr


def test_keep_storage_keeps_what_was_used_last(dockerlang: Command) -> None:
    for name in ("first", "second", "third"):
        _build(dockerlang, name, size=20_000)
    last, _, _ = _caches(dockerlang)
    assert dockerlang("builder", "prune", "-f", "--keep-storage", "1gb").stdout == "Total reclaimed space: 0B\n"
    assert len(_caches(dockerlang)) == 3
    dockerlang("builder", "prune", "-f", "--keep-storage", "150kb")
    assert _caches(dockerlang) == [last]
    assert "CACHED" in _build(dockerlang, "third", size=20_000)
    result = dockerlang("builder", "prune", "-f", "--keep-storage", "much")
    assert result.returncode == 125
    assert "invalid size: 'much'" in result.stderr


def test_a_cache_that_a_build_uses_stays(dockerlang: Command) -> None:
    (dockerlang.directory / "Dockerfile").write_text(
        "FROM busybox\nRUN --mount=type=cache,target=/c touch /c/made; echo begun; sleep 60\n"
    )
    command = [sys.executable, "-m", "dockerlang", "--root", str(dockerlang.root), "build", "."]
    with subprocess.Popen(command, cwd=dockerlang.directory, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        while b" begun\n" not in process.stderr.readline():
            assert process.poll() is None
        assert dockerlang("builder", "prune", "-af").returncode == 0
        (cache,) = list_cache_mounts(Layout(dockerlang.root))
        assert (cache.directory / "made").exists()
        process.terminate()
    assert dockerlang("builder", "prune", "-af").returncode == 0
    assert list((dockerlang.root / "caches").iterdir()) == []


def test_it_asks_first(dockerlang: Command) -> None:
    _build(dockerlang, "one")
    result = dockerlang("builder", "prune", input=b"n\n")
    assert result.stdout == (
        "WARNING! This will remove all dangling build cache.\n"
        "Are you sure you want to continue? [y/N] Total reclaimed space: 0B\n"
    )
    assert _caches(dockerlang) != []
