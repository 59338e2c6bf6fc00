"""`system check --repair`: what is mended, from where, and what is said of what cannot be."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dockerlang.oci.digest import Digest
from dockerlang.store.store import Store
from tests.cli.command import Command
from tests.registry.fake_registry import FakeRegistry, digest_of, serving
from tests.registry.images import Published, publish
from tests.store.making import add_image


def _blob(dockerlang: Command, digest: str) -> Path:
    return Store.open(dockerlang.root).layout.blob(Digest.parse(digest))


def _lose(path: Path) -> None:
    path.unlink()


def _cut_short(path: Path) -> None:
    path.chmod(0o644)
    os.truncate(path, path.stat().st_size // 2)


def _flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [_lose, _cut_short, _flip_a_bit])
@pytest.mark.parametrize("part", ["layer", "config", "manifest"])
def test_what_came_from_a_registry_comes_again(dockerlang: Command, damage: Callable[[Path], None], part: str) -> None:
    with serving(FakeRegistry()) as registry:
        published = publish(registry)
        name = f"{registry.address}/team/app:1"
        assert dockerlang("pull", name).returncode == 0
        before = dockerlang("inspect", name).stdout
        content = {"layer": published.layers[0], "config": published.config, "manifest": published.manifest}[part]
        path = _blob(dockerlang, digest_of(content))
        damage(path)
        assert dockerlang("system", "check", "--full").returncode == 1
        repaired = dockerlang("system", "check", "--full", "--repair")
        assert (repaired.returncode, repaired.stderr) == (0, ""), repaired.stdout
        assert repaired.stdout.splitlines()[-1].endswith("0 problems")
        if part != "manifest":
            assert f"fetched {_config_digest(published)} again from {registry.address}/team/app" in repaired.stdout
            assert path.read_bytes() == content
        assert dockerlang("inspect", "--format", "{{.Id}}", name).stdout == f"{_config_digest(published)}\n"
        assert before


def _config_digest(published: Published) -> str:
    return digest_of(published.config)


def test_what_cannot_be_fetched_is_said_and_removed(dockerlang: Command) -> None:
    with serving(FakeRegistry()) as registry:
        published = publish(registry)
        name = f"{registry.address}/team/app:1"
        dockerlang("pull", name)
    _lose(_blob(dockerlang, digest_of(published.layers[0])))
    repaired = dockerlang("system", "check", "--repair")
    assert repaired.returncode == 0
    assert f"could not fetch {_config_digest(published)} again: " in repaired.stdout
    assert f"removed the incomplete image {_config_digest(published)}" in repaired.stdout
    assert dockerlang("images", "-q").stdout.count("\n") == 1


def _truncate(root: Path) -> None:
    os.truncate(root / "store.db", 8192)


def _empty(root: Path) -> None:
    os.truncate(root / "store.db", 0)


def _overwrite(root: Path) -> None:
    (root / "store.db").write_bytes(b"not a database" * 1000)


def _remove(root: Path) -> None:
    (root / "store.db").unlink()


@pytest.mark.parametrize("damage", [_truncate, _empty, _overwrite, _remove])
def test_a_database_is_made_anew_from_names_and_blobs(dockerlang: Command, damage: Callable[[Path], None]) -> None:
    store = Store.open(dockerlang.root)
    with store.operation("test") as operation:
        image = add_image(operation, {"a": b"1"}, name="app:1")
        add_image(operation, {"a": b"2"})
        container = operation.add_container(image, name="box")
        (container.upper / "written").write_text("precious")
    dockerlang("tag", "busybox", "other:2")
    names = dockerlang("images", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}").stdout.splitlines()
    damage(dockerlang.root)
    assert dockerlang("system", "check").returncode == 1
    repaired = dockerlang("system", "check", "--repair")
    assert (repaired.returncode, repaired.stderr) == (0, ""), repaired.stdout
    assert f"brought back docker.io/library/app:1: {image.id}" in repaired.stdout
    after = dockerlang("images", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}").stdout.splitlines()
    assert sorted(after) == sorted(line for line in names if "<none>" not in line)
    (lost,) = (dockerlang.root / "lost").iterdir()
    assert (lost / "containers" / container.id / "upper" / "written").read_text() == "precious"
    assert dockerlang("system", "check", "--full").returncode == 0
    assert dockerlang("save", "-o", "app.tar", "app:1").returncode == 0


def test_a_name_whose_blobs_are_lost_too_is_said(dockerlang: Command) -> None:
    store = Store.open(dockerlang.root)
    with store.operation("test") as operation:
        image = add_image(operation, {"a": b"1"}, name="app:1")
    _lose(store.layout.blob(image.diff_ids[0]))
    _empty(dockerlang.root)
    repaired = dockerlang("system", "check", "--repair")
    assert repaired.returncode == 0
    assert "could not bring back docker.io/library/app:1: " in repaired.stdout
    assert "brought back docker.io/library/busybox:latest" in repaired.stdout


def test_a_database_is_not_replaced_while_somebody_works(dockerlang: Command) -> None:
    store = Store.open(dockerlang.root)
    with store.operation("test"):
        saved = (dockerlang.root / "store.db").read_bytes()
        _empty(dockerlang.root)
        refused = dockerlang("system", "check", "--repair")
        (dockerlang.root / "store.db").write_bytes(saved)
    assert refused.returncode == 1
    assert "while a build, a container or a pull runs" in refused.stderr
    assert dockerlang("system", "check", "--full").returncode == 0
