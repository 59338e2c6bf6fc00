"""With the real thing: Debian's docker-registry between us and skopeo, both ways."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerlang.images.pull import pull_image
from dockerlang.images.push import push_image
from dockerlang.oci.platform import Platform
from dockerlang.oci.reference import parse_reference
from dockerlang.registry.credentials import Credentials, CredentialSources, encode_entry
from dockerlang.registry.errors import NotInRegistryError, TlsFailure, UnauthorizedError
from dockerlang.registry.hosts import HostPolicy
from dockerlang.registry.registry import Registries, RegistrySettings
from dockerlang.registry.repository import Repository
from dockerlang.store.archive.load import load_stream
from dockerlang.store.archive.save import save_images
from dockerlang.store.check import check_store
from dockerlang.store.store import Store
from tests.registry.images import client
from tests.registry.real_registry import docker_registry
from tests.store.making import add_image

pytestmark = pytest.mark.peer
AMD64 = Platform("linux", "amd64")


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with docker_registry(tmp_path / "registry") as at:
        yield at


def skopeo(*arguments: str) -> str:
    return subprocess.run(["skopeo", *arguments], check=True, capture_output=True, text=True).stdout


def push(store: Store, what: str, to: str) -> str:
    with client() as registries, store.operation("push") as operation:
        image = operation.find(what)
        assert image is not None
        return str(push_image(operation, registries, image, parse_reference(to)).digest)


def pull(store: Store, what: str, registries: Registries | None = None) -> str:
    with registries or client() as opened, store.operation("pull") as operation:
        return str(pull_image(operation, opened, parse_reference(what), AMD64).digest)


def raw(address: str, name: str) -> bytes:
    """The manifest as skopeo sees it."""
    text = ["skopeo", "inspect", "--raw", "--tls-verify=false", f"docker://{address}/{name}"]
    return subprocess.run(text, check=True, capture_output=True).stdout


@pytest.fixture
def built(store: Store) -> Store:
    with store.operation("build") as operation:
        add_image(operation, {"etc/": b"", "etc/a": b"a" * 100_000}, {"b": b"b"}, name="app:1", labels={"k": "v"})
    return store


def test_skopeo_reads_what_we_push(built: Store, address: str, tmp_path: Path) -> None:
    digest = push(built, "app:1", f"{address}/team/app:1")
    shown = json.loads(skopeo("inspect", "--tls-verify=false", f"docker://{address}/team/app:1"))
    assert shown["Digest"] == digest
    assert shown["Labels"] == {"k": "v"}
    skopeo("copy", "--src-tls-verify=false", f"docker://{address}/team/app:1", f"oci:{tmp_path}/layout:x")
    # The second push finds all there; another repository gets the layers by mount.
    assert push(built, "app:1", f"{address}/team/app:1") == digest
    assert push(built, "app:1", f"{address}/other:1") == digest


@pytest.mark.parametrize(("form", "compression"), [("oci", "gzip"), ("oci", "zstd"), ("v2s2", "gzip")])
def test_we_read_what_skopeo_pushes_and_keep_it_all_the_way(
    built: Store, address: str, tmp_path: Path, form: str, compression: str
) -> None:
    archive = tmp_path / "app.tar"
    with built.operation("save") as operation, archive.open("wb") as file:
        save_images(operation, ["app:1"], file)
    skopeo(
        "copy", "--dest-tls-verify=false", f"--format={form}", f"--dest-compress-format={compression}",
        "--dest-compress", f"docker-archive:{archive}", f"docker://{address}/theirs:1",
    )  # fmt: skip
    fresh = Store.open(tmp_path / "fresh")
    digest = pull(fresh, f"{address}/theirs:1")
    assert list(check_store(fresh, full=True).problems) == []
    saved = io.BytesIO()
    with fresh.operation("save") as operation:
        save_images(operation, [f"{address}/theirs:1"], saved)
    third = Store.open(tmp_path / "third")
    with third.operation("load") as operation:
        load_stream(operation, io.BytesIO(saved.getvalue()))
    assert push(third, f"{address}/theirs:1", f"{address}/again:1") == digest
    assert raw(address, "again:1") == raw(address, "theirs:1")


def test_the_registry_s_ways_are_understood(built: Store, address: str) -> None:
    for tag in ("b", "a"):
        push(built, "app:1", f"{address}/team/app:{tag}")
    with client() as registries:
        repository = registries.repository(parse_reference(f"{address}/team/app"))
        assert repository.tags() == ("a", "b")
        with pytest.raises(NotInRegistryError, match=r"manifest for .*team/app:none not found: manifest unknown"):
            Repository(repository.host, repository.name).manifest("none")


def certificate(directory: Path) -> tuple[Path, Path]:
    pair = directory / "cert.pem", directory / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(pair[1]), "-out", str(pair[0])],
        check=True, capture_output=True,
    )  # fmt: skip
    return pair


# Only bcrypt is understood there. This is `secret`.
HTPASSWD = "ada:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n"


def test_tls_is_verified_by_certs_d(built: Store, tmp_path: Path) -> None:
    pair = certificate(tmp_path)
    with docker_registry(tmp_path / "tls", certificate=pair) as address:
        authorities = tmp_path / "certs.d" / address
        authorities.mkdir(parents=True)
        # Loopback need not be verified, but what has an authority of its own is held to it.
        assert push(built, "app:1", f"{address}/app:1")
        authorities.joinpath("ca.crt").write_bytes(pair[0].read_bytes())
        policy = HostPolicy(certificates=(tmp_path / "certs.d",))
        fresh = Store.open(tmp_path / "fresh")
        assert pull(fresh, f"{address}/app:1", Registries(RegistrySettings(policy=policy)))
        authorities.joinpath("ca.crt").write_bytes(certificate(authorities.parent)[0].read_bytes())
        with pytest.raises(TlsFailure, match="cannot be verified"):
            pull(fresh, f"{address}/app:1", Registries(RegistrySettings(policy=policy)))


def credentials_for(address: str, password: str) -> Registries:
    entry: dict[str, object] = dict(encode_entry(Credentials("ada", password)))
    return Registries(RegistrySettings(credentials=CredentialSources((("test", {"auths": {address: entry}}),))))


def test_passwords(built: Store, tmp_path: Path) -> None:
    with docker_registry(tmp_path / "guarded", htpasswd=HTPASSWD) as address:
        reference = parse_reference(f"{address}/app:1")
        with credentials_for(address, "secret") as registries, built.operation("push") as operation:
            image = operation.find("app:1")
            assert image is not None
            push_image(operation, registries, image, reference)
        assert pull(Store.open(tmp_path / "fresh"), str(reference), credentials_for(address, "secret"))
        with pytest.raises(UnauthorizedError, match="does not accept the stored credentials"):
            pull(built, str(reference), credentials_for(address, "wrong"))
        with pytest.raises(UnauthorizedError, match="asks who you are"):
            pull(built, str(reference))


def layers_of(manifest: bytes) -> list[str]:
    document = json.loads(manifest)
    return [document["config"]["digest"], *(layer["digest"] for layer in document["layers"])]


@pytest.mark.parametrize("reads_later", [False, True])
def test_other_tools_read_the_store_of_what_was_pulled(
    built: Store, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads_later: bool
) -> None:
    if reads_later:
        monkeypatch.setattr("dockerlang.store.foreign_images.READ_AT_ONCE", 0)
    push(built, "app:1", f"{address}/team/app:1")
    fresh = Store.open(tmp_path / "fresh")
    pull(fresh, f"{address}/team/app:1")
    origin = raw(address, "team/app:1")
    reference = f"oci:{fresh.root}:{address}/team/app:1"
    assert subprocess.run(["skopeo", "inspect", "--raw", reference], check=True, capture_output=True).stdout == origin
    skopeo("copy", reference, f"dir:{tmp_path}/copied")
    assert {f"sha256:{path.name}" for path in (tmp_path / "copied").iterdir()} >= set(layers_of(origin))
    skopeo("copy", reference, f"oci:{tmp_path}/layout:x")
    shown = subprocess.run(
        ["umoci", "stat", "--image", f"{tmp_path}/layout:x", "--json"], check=True, capture_output=True
    ).stdout
    assert {item["layer"]["digest"] for item in json.loads(shown)["history"] if item.get("layer")} == set(
        layers_of(origin)[1:]
    )


def test_the_command_line_keeps_every_digest_over_tls_with_a_password(
    built: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """login, push, pull, save, load, push again and logout, each a process of its own."""
    pair = certificate(tmp_path)
    with docker_registry(tmp_path / "guarded", certificate=pair, htpasswd=HTPASSWD) as address:
        authorities = tmp_path / "config" / "containers" / "certs.d" / address
        authorities.mkdir(parents=True)
        authorities.joinpath("ca.crt").write_bytes(pair[0].read_bytes())
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))

        def call(root: Path, *words: str, stdin: bytes = b"") -> bytes:
            command = [sys.executable, "-m", "dockerlang", "--root", str(root), *words]
            return subprocess.run(command, input=stdin, check=True, capture_output=True).stdout

        first, second, third = (tmp_path / name for name in ("store", "second", "third"))
        assert built.root == first
        call(first, "login", "-u", "ada", "--password-stdin", address, stdin=b"secret\n")
        call(first, "tag", "app:1", f"{address}/team/app:1")
        call(first, "push", f"{address}/team/app:1")
        call(second, "pull", f"{address}/team/app:1")
        saved = call(second, "save", f"{address}/team/app:1")
        call(third, "load", stdin=saved)
        call(third, "tag", f"{address}/team/app:1", f"{address}/copy:2")
        call(third, "push", f"{address}/copy:2")
        with credentials_for(address, "secret") as registries:
            pairs = [registries.repository(parse_reference(f"{address}/{name}")) for name in ("team/app", "copy")]
            one, two = (repository.manifest(tag).document.raw for repository, tag in zip(pairs, "12", strict=True))
        assert one == two
        call(first, "logout", address)
        with pytest.raises(subprocess.CalledProcessError) as refused:
            call(tmp_path / "fourth", "pull", f"{address}/team/app:1")
        assert b"asks who you are" in refused.value.stderr
        assert b"secret" not in refused.value.stderr
