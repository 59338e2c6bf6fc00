"""A pull that is cut off is gone on with, by the same process, by another one, or from another registry."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from dockerlang.errors import InputError
from dockerlang.oci.digest import Digest
from dockerlang.registry.errors import ConnectionFailure, NotInRegistryError
from dockerlang.registry.hosts import HostPolicy
from dockerlang.registry.mirrors import Location, RegistryRule
from dockerlang.registry.registry import Registries, RegistrySettings
from dockerlang.store.check import check_store
from dockerlang.store.partial import PartialBlob, drop_partial_blobs
from dockerlang.store.removal import remove_image
from dockerlang.store.store import Store
from tests.registry.fake_registry import FakeRegistry, digest_of, serving
from tests.registry.images import Published, publish
from tests.registry.test_transfer import blobs, name, pull

NOISE = os.urandom(300_000)


@pytest.fixture
def published(registry: FakeRegistry) -> Published:
    return publish(registry, files=({"noise": NOISE},))


@pytest.fixture
def mirror() -> Iterator[FakeRegistry]:
    with serving(FakeRegistry()) as fake:
        yield fake


def asked_for(registry: FakeRegistry, blob: bytes) -> list[str]:
    """The `Range` of each request for a blob; empty for the whole."""
    path = f"/blobs/{digest_of(blob)}"
    return [asked.headers.get("Range", "") for asked in registry.requests if asked.path.endswith(path)]


def give_up_after(registry: FakeRegistry, cut: int) -> Registries:
    """A client that has the line cut at byte `cut`, and does not try again."""
    registry.faults.cut_every = cut
    return Registries(RegistrySettings(attempts=1, pause=lambda seconds: None))


def test_the_next_pull_goes_on_at_the_byte_where_the_last_was_cut(
    registry: FakeRegistry, store: Store, published: Published
) -> None:
    with pytest.raises(ConnectionFailure):
        pull(store, name(registry), registries=give_up_after(registry, 100_000))
    assert store.find(name(registry)) is None
    registry.faults.cut_every = 0
    pull(store, name(registry))
    assert asked_for(registry, published.layers[0]) == ["", "bytes=100000-"]
    assert list(check_store(store, full=True).problems) == []
    assert list(store.layout.partial.iterdir()) == []


PULL = """
import sys
from pathlib import Path
from dockerlang.images.pull import pull_image
from dockerlang.oci.platform import Platform
from dockerlang.oci.reference import parse_reference
from dockerlang.registry.registry import Registries, RegistrySettings
from dockerlang.store.store import Store

with Registries(RegistrySettings(pause=lambda seconds: print("cut", flush=True) or sys.stdin.read())) as registries:
    with Store.open(Path(sys.argv[1])).operation("pull") as operation:
        pull_image(operation, registries, parse_reference(sys.argv[2]), Platform("linux", "amd64"))
"""


def test_a_killed_pull_is_gone_on_with(registry: FakeRegistry, store: Store, published: Published) -> None:
    registry.faults.cut_every = 200_000
    command = [sys.executable, "-c", PULL, str(store.root), str(name(registry))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"cut\n"
        process.send_signal(signal.SIGKILL)
    registry.faults.cut_every = 0
    pull(store, name(registry))
    assert asked_for(registry, published.layers[0]) == ["", "bytes=200000-"]
    assert list(check_store(store, full=True).problems) == []


@pytest.mark.parametrize("kept", ["other bytes", "too many"])
def test_what_was_kept_is_not_trusted(registry: FakeRegistry, store: Store, published: Published, kept: str) -> None:
    layer = published.layers[0]
    store.layout.partial.mkdir()
    beginning = bytes(1000) if kept == "other bytes" else layer + b"x"
    store.layout.partial.joinpath(digest_of(layer)[7:]).write_bytes(beginning)
    pull(store, name(registry))
    assert asked_for(registry, layer) == (["bytes=1000-", ""] if kept == "other bytes" else [""])
    assert list(check_store(store, full=True).problems) == []


def test_a_blob_that_is_whole_already_is_not_asked_for(
    registry: FakeRegistry, store: Store, published: Published
) -> None:
    layer = published.layers[0]
    store.layout.partial.mkdir()
    store.layout.partial.joinpath(digest_of(layer)[7:]).write_bytes(layer)
    pull(store, name(registry))
    assert asked_for(registry, layer) == []


def test_content_with_another_digest_is_not_kept(registry: FakeRegistry, store: Store, published: Published) -> None:
    layer = published.layers[0]
    registry.faults.replaced_blobs[digest_of(layer)] = bytes(len(layer))
    with pytest.raises(InputError, match="another digest"):
        pull(store, name(registry))
    assert list(store.layout.partial.iterdir()) == []
    registry.faults.replaced_blobs.clear()
    pull(store, name(registry))


def test_beginnings_are_kept_for_a_day_unless_somebody_goes_on_with_them(store: Store) -> None:
    old, young = (Digest.parse(digest_of(text)) for text in (b"old", b"young"))
    for digest in (old, young):
        with PartialBlob(store.layout, digest, 10) as partial:
            partial.write(b"12345")
    os.utime(store.layout.partial / old.hex, (0, 0))
    assert drop_partial_blobs(store.layout) == 5
    assert [path.name for path in store.layout.partial.iterdir()] == [young.hex]
    with PartialBlob(store.layout, young, 10) as partial:
        assert partial.size == 5


def mirrored(registry: FakeRegistry, mirror: FakeRegistry, notes: list[str]) -> Registries:
    rule = RegistryRule(registry.address, Location(registry.address), (Location(mirror.address),))
    return Registries(
        RegistrySettings(HostPolicy(), rules=(rule,), notify=notes.append, pause=lambda seconds: None, attempts=1)
    )


@pytest.mark.parametrize("fault", ["missing", "damaged", "cut", "refused", "manifest"])
def test_what_a_mirror_cannot_give_comes_from_the_origin(
    registry: FakeRegistry, mirror: FakeRegistry, store: Store, published: Published, fault: str
) -> None:
    publish(mirror, files=({"noise": NOISE},))
    layer = published.layers[0]
    match fault:
        case "missing":
            del mirror.blobs["team/app"][digest_of(layer)]
        case "damaged":
            mirror.faults.replaced_blobs[digest_of(layer)] = bytes(len(layer))
        case "cut":
            mirror.faults.cut_every = 1000
        case "refused":
            mirror.faults.statuses_of_blobs = 403
        case _:
            mirror.faults.announced_digest = digest_of(b"lie")
    notes: list[str] = []
    pulled = pull(store, name(registry), registries=mirrored(registry, mirror, notes))
    assert str(pulled.digest) == published.digest
    assert any("asking the next source" in note for note in notes)
    assert list(check_store(store, full=True).problems) == []
    if fault == "manifest":
        assert asked_for(mirror, layer) == []
    if fault == "cut":
        assert asked_for(registry, layer) == ["bytes=1000-"]


def test_what_nobody_has_is_said_of_the_origin(
    registry: FakeRegistry, mirror: FakeRegistry, store: Store, published: Published
) -> None:
    publish(mirror, files=({"noise": NOISE},))
    for fake in (registry, mirror):
        del fake.blobs["team/app"][digest_of(published.layers[0])]
    with pytest.raises(NotInRegistryError, match=f"of {registry.address}/team/app not found"):
        pull(store, name(registry), registries=mirrored(registry, mirror, []))


@pytest.fixture
def _reads_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every layer counts as a large one."""
    monkeypatch.setattr("dockerlang.store.foreign_images.READ_AT_ONCE", 0)


@pytest.mark.usefixtures("_reads_later")
def test_a_large_layer_is_read_when_it_is_first_used(
    registry: FakeRegistry, store: Store, published: Published
) -> None:
    image = pull(store, name(registry)).image
    assert store.layer_index(image.diff_ids[0]).get(b"noise") is not None
    with store.stream_layer(image.diff_ids[0]) as plain:
        assert NOISE in plain.read()
    assert list(check_store(store, full=True).problems) == []


@pytest.mark.usefixtures("_reads_later")
@pytest.mark.parametrize("use", ["index", "stream", "open"])
def test_nothing_of_a_layer_that_is_not_what_its_config_says_is_handed_out(
    registry: FakeRegistry, store: Store, use: str
) -> None:
    lie = digest_of(b"lie")
    publish(registry, files=({"a": b"one"},), diff_ids=[lie])
    image = pull(store, name(registry)).image
    used = {
        "index": store.layer_index,
        "stream": lambda layer: store.stream_layer(layer).__enter__(),
        "open": store.open_layer,
    }
    with pytest.raises(InputError, match=f"has the diff ID .*, the config says {lie}"):
        used[use](image.diff_ids[0])


@pytest.mark.usefixtures("_reads_later")
def test_a_lying_image_does_not_spoil_the_layer_of_another(registry: FakeRegistry, store: Store) -> None:
    good = publish(registry, files=({"a": b"good"},))
    image = pull(store, name(registry)).image
    index = store.layer_index(image.diff_ids[0])
    for tag, content in (("2", b"evil"), ("3", b"bad.")):
        publish(registry, tag=tag, files=({"a": content},), diff_ids=[str(image.diff_ids[0])])
        pull(store, name(registry, f"team/app:{tag}"))
    assert store.layer_index(image.diff_ids[0]) == index
    with store.stream_layer(image.diff_ids[0]) as plain:
        assert digest_of(plain.read()) == str(image.diff_ids[0])
    # Not even where the good one is lost.
    store.layout.blob(Digest.parse(digest_of(good.layers[0]))).unlink()
    with pytest.raises(InputError, match="the config says"), store.stream_layer(image.diff_ids[0]):
        pass


@pytest.mark.usefixtures("_reads_later")
def test_a_layer_that_was_never_read_goes_with_its_image(registry: FakeRegistry, store: Store) -> None:
    publish(registry)
    pull(store, name(registry))
    with store.operation("rmi") as operation:
        remove_image(operation, str(name(registry)))
    assert blobs(store) == set()
    with store.database.read() as connection:
        assert connection.execute("SELECT count(*) FROM unverified").fetchone() == (0,)


@pytest.mark.usefixtures("_reads_later")
def test_sizes_are_measured_when_they_are_asked_for(registry: FakeRegistry, store: Store) -> None:
    from dockerlang.store.listing import select_images

    publish(registry, files=({"a": b"12345"}, {"b": b"678"}))
    publish(registry, tag="bad", files=({"a": b"12345"},), diff_ids=[digest_of(b"lie")])
    for tag in ("1", "bad"):
        pull(store, name(registry, f"team/app:{tag}"))
    store.measure()
    rows = {row.names[0].rpartition(":")[2]: row.size for row in select_images(store)}
    assert rows == {"1": 8, "bad": 0}


@pytest.mark.root
@pytest.mark.usefixtures("_reads_later")
def test_unpacking_reads_a_layer_for_all_purposes(registry: FakeRegistry, store: Store) -> None:
    published = publish(registry, files=({"etc/": b"", "etc/a": b"one", "link": "etc/a"}, {".wh.link": b"", "b": b"2"}))
    image = pull(store, name(registry)).image
    with store.operation("run") as operation:
        trees = operation.layer_trees(image.diff_ids)
        assert (trees[0] / "etc" / "a").read_bytes() == b"one"
        unpacked = [store.layout.layer_index(layer).read_bytes() for layer in image.diff_ids]
        for layer in image.diff_ids:
            store.layout.layer_index(layer).unlink()
        assert [store.layer_index(layer).to_bytes() for layer in image.diff_ids] == unpacked
    with store.database.read() as connection:
        assert connection.execute("SELECT count(*) FROM unverified").fetchone() == (0,)
        assert connection.execute("SELECT content_size FROM layer ORDER BY 1").fetchall() == [(1,), (3,)]
    assert len(published.layers) == 2


@pytest.mark.root
@pytest.mark.usefixtures("_reads_later")
def test_what_is_not_the_layer_is_not_unpacked(registry: FakeRegistry, store: Store) -> None:
    lie = digest_of(b"lie")
    publish(registry, files=({"a": b"one"},), diff_ids=[lie])
    image = pull(store, name(registry)).image
    with store.operation("run") as operation, pytest.raises(InputError, match="the config says"):
        operation.layer_trees(image.diff_ids)
    assert [entry.name for entry in store.layout.layers.iterdir()] == ["l"]
