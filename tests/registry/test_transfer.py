"""Between registries and the store: byte for byte, once, and whole or not at all."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dockerlang.errors import DockerlangError, InputError, NotFoundError
from dockerlang.images.progress import LayerEvent, LayerState
from dockerlang.images.pull import PulledImage, pull_image
from dockerlang.images.push import PushedImage, push_image
from dockerlang.oci.digest import Digest
from dockerlang.oci.platform import Platform
from dockerlang.oci.reference import Reference, parse_reference
from dockerlang.registry.credentials import Credentials
from dockerlang.registry.registry import Registries
from dockerlang.store.archive.load import load_stream
from dockerlang.store.archive.save import save_images
from dockerlang.store.check import check_store
from dockerlang.store.removal import remove_image
from dockerlang.store.store import Store
from tests.registry.fake_registry import FakeRegistry, digest_of, serving
from tests.registry.images import client, publish
from tests.store.making import add_image

AMD64 = Platform("linux", "amd64")


def name(registry: FakeRegistry, rest: str = "team/app:1") -> Reference:
    return parse_reference(f"{registry.address}/{rest}")


def pull(
    store: Store,
    reference: Reference,
    events: list[LayerEvent] | None = None,
    *,
    platform: Platform = AMD64,
    is_exact: bool = False,
    registries: Registries | None = None,
) -> PulledImage:
    listener = (lambda event: None) if events is None else events.append
    with registries or client() as opened, store.operation("pull") as operation:
        return pull_image(operation, opened, reference, platform, is_exact=is_exact, listener=listener)


def push(
    store: Store, what: Reference | str, reference: Reference, events: list[LayerEvent] | None = None
) -> PushedImage:
    listener = (lambda event: None) if events is None else events.append
    with client() as registries, store.operation("push") as operation:
        image = operation.find(what)
        assert image is not None
        return push_image(operation, registries, image, reference, listener=listener)


def states(events: list[LayerEvent]) -> list[LayerState]:
    return [event.state for event in events if not event.is_moving]


def blobs(store: Store) -> set[str]:
    return {path.name for path in store.layout.blobs.iterdir()}


@pytest.mark.parametrize("is_docker", [False, True])
def test_pull_save_load_push_keeps_every_byte(
    registry: FakeRegistry, store: Store, tmp_path: Path, is_docker: bool
) -> None:
    published = publish(registry, is_docker=is_docker)
    pulled = pull(store, name(registry))
    assert pulled.is_new
    archive = io.BytesIO()
    with store.operation("save") as operation:
        save_images(operation, [str(name(registry))], archive)
    elsewhere = Store.open(tmp_path / "elsewhere")
    with elsewhere.operation("load") as operation:
        load_stream(operation, io.BytesIO(archive.getvalue()))
    with serving(FakeRegistry()) as other:
        pushed = push(elsewhere, name(registry), name(other, "copy:2"))
        assert other.manifests["copy"]["2"] == registry.manifests["team/app"]["1"]
        assert str(pushed.digest) == published.digest
        assert {digest_of(blob) for blob in (published.config, *published.layers)} == set(other.blobs["copy"])
    assert list(check_store(store, full=True).problems) == []


def test_an_image_is_found_by_name_and_by_digest(registry: FakeRegistry, store: Store) -> None:
    published = publish(registry)
    image = pull(store, name(registry)).image
    assert str(image.id) == digest_of(published.config)
    assert image.config_bytes == published.config
    for text in ("team/app:1", f"team/app@{published.digest}"):
        found = store.find(name(registry, text))
        assert found is not None
        assert found.id == image.id


def test_pulling_by_digest_gives_no_name(registry: FakeRegistry, store: Store) -> None:
    published = publish(registry)
    reference = name(registry, f"team/app:1@{published.digest}")
    assert pull(store, reference).reference.tag == ""
    assert store.find(reference) is not None
    assert store.find(name(registry)) is None


def test_pulling_again_fetches_nothing_but_the_manifest(registry: FakeRegistry, store: Store) -> None:
    publish(registry)
    pull(store, name(registry))
    registry.requests.clear()
    events: list[LayerEvent] = []
    assert not pull(store, name(registry), events).is_new
    assert registry.paths("GET") == ["/v2/team/app/manifests/1"]
    assert events == []


def test_a_shared_layer_comes_once(registry: FakeRegistry, store: Store) -> None:
    publish(registry, tag="1", files=({"base": b"x"}, {"one": b"1"}))
    published = publish(registry, tag="2", files=({"base": b"x"}, {"two": b"2"}))
    pull(store, name(registry))
    registry.requests.clear()
    events: list[LayerEvent] = []
    pull(store, name(registry, "team/app:2"), events)
    assert sum(digest_of(published.layers[0]) in path for path in registry.paths("GET")) == 0
    assert sorted(state.value for state in states(events)) == [
        "Already exists", "Pull complete", "Pulling fs layer", "Pulling fs layer", "Verifying Checksum",
    ]  # fmt: skip


def test_a_layer_that_stands_twice_in_a_manifest_comes_once(registry: FakeRegistry, store: Store) -> None:
    publish(registry, files=({"a": b"x"}, {"b": b"y"}, {"a": b"x"}))
    assert len(pull(store, name(registry)).image.diff_ids) == 3
    assert list(check_store(store, full=True).problems) == []


def test_a_tag_that_moved_takes_the_name_along(registry: FakeRegistry, store: Store) -> None:
    publish(registry)
    before = pull(store, name(registry)).image
    publish(registry, files=({"c": b"three"},))
    after = pull(store, name(registry))
    assert after.is_new
    found = store.find(name(registry))
    assert found is not None
    assert found.id == after.image.id != before.id
    assert store.find(before.id) is not None


def test_finished_layers_survive_a_failure(registry: FakeRegistry, store: Store) -> None:
    published = publish(registry)
    good, bad = map(digest_of, published.layers)
    registry.faults.replaced_blobs[bad] = bytes(len(published.layers[1]))
    with store.operation("keeper"):
        with pytest.raises(InputError, match="another digest"):
            pull(store, name(registry))
        registry.faults.replaced_blobs.clear()
        registry.requests.clear()
        pull(store, name(registry))
    assert sum(bad in path for path in registry.paths("GET")) == 1
    assert good.removeprefix("sha256:") in blobs(store)


@pytest.mark.parametrize("fault", ["digest", "diff id", "count", "platform"])
def test_of_a_bad_image_no_name_appears(registry: FakeRegistry, store: Store, fault: str) -> None:
    lie = digest_of(b"lie")
    platform = AMD64
    match fault:
        case "digest":
            published = publish(registry)
            registry.faults.replaced_blobs[digest_of(published.layers[0])] = bytes(len(published.layers[0]))
        case "diff id":
            publish(registry, diff_ids=[lie, lie])
        case "count":
            publish(registry, diff_ids=[lie])
        case _:
            publish(registry)
            platform = Platform("linux", "s390x")
    with pytest.raises(InputError if fault != "platform" else NotFoundError):
        pull(store, name(registry), platform=platform, is_exact=True)
    assert store.find(name(registry)) is None
    assert list(store.layout.ingest.iterdir()) == []
    assert list(check_store(store, full=True).problems) == []


def test_a_pull_survives_cuts_and_expiring_tokens(registry: FakeRegistry, store: Store) -> None:
    registry.users, registry.scheme = {"ada": "x"}, "bearer"
    registry.faults.cut_every = 100
    publish(registry, files=({"a": bytes(range(256)) * 40}, {"b": b"two"}))
    pulled = pull(
        store,
        name(registry),
        registries=client(
            credentials=Credentials("ada", "x"), host=registry.address, between=lambda wait: registry.expire_tokens()
        ),
    )
    assert pulled.is_new
    assert list(check_store(store, full=True).problems) == []


def test_a_missing_blob_is_mended_by_a_pull(registry: FakeRegistry, store: Store) -> None:
    published = publish(registry)
    pull(store, name(registry))
    store.layout.blob(Digest.parse(digest_of(published.layers[0]))).unlink()
    pull(store, name(registry))
    assert list(check_store(store, full=True).problems) == []


def test_what_was_built_is_pushed_compressed_and_the_same_each_time(registry: FakeRegistry, store: Store) -> None:
    with store.operation("build") as operation:
        add_image(operation, {"a": b"a" * 10_000}, {"b": b"b" * 10_000}, name="app:1")
    events: list[LayerEvent] = []
    first = push(store, "app:1", name(registry), events)
    manifest = json.loads(registry.manifests["team/app"]["1"][0])
    assert manifest["mediaType"] == "application/vnd.oci.image.manifest.v1+json"
    assert {layer["mediaType"] for layer in manifest["layers"]} == {"application/vnd.oci.image.layer.v1.tar+gzip"}
    assert sum(layer["size"] for layer in manifest["layers"]) < 2000
    assert sorted(state.value for state in states(events)) == ["Preparing", "Preparing", "Pushed", "Pushed"]
    again: list[LayerEvent] = []
    assert push(store, "app:1", name(registry), again).digest == first.digest
    assert states(again)[2:] == [LayerState.EXISTS_THERE] * 2
    assert store.find(name(registry, f"team/app@{first.digest}")) is not None


def test_what_was_built_saved_and_loaded_is_compressed_too(
    registry: FakeRegistry, store: Store, tmp_path: Path
) -> None:
    with store.operation("build") as operation:
        add_image(operation, {"a": b"a" * 10_000}, name="app:1")
    archive = io.BytesIO()
    with store.operation("save") as operation:
        save_images(operation, ["app:1"], archive)
    elsewhere = Store.open(tmp_path / "elsewhere")
    with elsewhere.operation("load") as operation:
        load_stream(operation, io.BytesIO(archive.getvalue()))
    assert push(elsewhere, "app:1", name(registry)).digest == push(store, "app:1", name(registry, "b:1")).digest


def test_a_pushed_image_is_pulled_elsewhere_as_the_same(registry: FakeRegistry, store: Store, tmp_path: Path) -> None:
    with store.operation("build") as operation:
        built = add_image(operation, {"a": b"a"}, name="app:1")
    pushed = push(store, "app:1", name(registry))
    pulled = pull(Store.open(tmp_path / "elsewhere"), name(registry))
    assert pulled.image.id == built.id
    assert pulled.digest == pushed.digest


def test_layers_are_mounted_from_where_they_were_before(registry: FakeRegistry, store: Store) -> None:
    publish(registry, "team/base")
    pull(store, name(registry, "team/base:1"))
    events: list[LayerEvent] = []
    push(store, name(registry, "team/base:1"), name(registry, "other/app:1"), events)
    assert [event.text for event in events if event.state is LayerState.MOUNTED] == ["Mounted from team/base"] * 2


def test_a_failed_push_leaves_no_tag(registry: FakeRegistry, store: Store) -> None:
    with store.operation("build") as operation:
        add_image(operation, {"a": b"a"}, name="app:1")
    registry.faults.failing_puts = 99
    with pytest.raises(DockerlangError, match="answered 500"):
        push(store, "app:1", name(registry))
    assert registry.manifests == {}


def test_two_who_want_the_same_layers_fetch_them_once(registry: FakeRegistry, store: Store) -> None:
    published = publish(registry, files=[{str(number): bytes([number]) * 5000} for number in range(6)])
    with ThreadPoolExecutor(4) as pool:
        pulled = list(pool.map(lambda _: pull(store, name(registry)), range(4)))
    assert len({one.image.id for one in pulled}) == 1
    for layer in published.layers:
        assert sum(digest_of(layer) in path for path in registry.paths("GET")) == 1
    assert list(check_store(store, full=True).problems) == []


def test_what_is_pulled_goes_with_its_name(registry: FakeRegistry, store: Store) -> None:
    publish(registry)
    pull(store, name(registry))
    with store.operation("rmi") as operation:
        remove_image(operation, str(name(registry)))
    assert blobs(store) == set()
    assert list(store.layout.locks.glob("blob-*")) == []
