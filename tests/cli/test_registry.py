"""`pull`, `push`, `login`, `logout` and `search` as a user calls them; `run` and `build` of what is not here yet."""

from __future__ import annotations

import io
import json
import os
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dockerlang.cli.main import main
from dockerlang.store.store import Store
from tests.registry.fake_registry import FakeRegistry, digest_of, serving
from tests.registry.images import publish
from tests.store.making import add_image


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


Cli = Callable[..., Result]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOCKERLANG_NO_SYNC", "1")
    monkeypatch.setenv("DOCKERLANG_ROOT", str(tmp_path / "store"))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("REGISTRY_AUTH_FILE", "DOCKER_AUTH_CONFIG", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "registries.conf").touch()
    monkeypatch.setenv("CONTAINERS_REGISTRIES_CONF", str(tmp_path / "registries.conf"))
    return tmp_path / "store"


@pytest.fixture
def cli(root: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cli:
    def call(*words: str | Path, stdin: str = "") -> Result:
        monkeypatch.setattr(sys, "argv", ["dockerlang", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return Result(ended.value.code, out, err)

    return call


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    with serving(FakeRegistry()) as fake:
        yield fake


def test_pull_says_what_docker_says(cli: Cli, registry: FakeRegistry) -> None:
    published = publish(registry, tag="latest", files=({"a": b"one"},))
    layer = digest_of(published.layers[0])[7:19]
    name = f"{registry.address}/team/app"
    result = cli("pull", name)
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        "Using default tag: latest\n"
        "latest: Pulling from team/app\n"
        f"{layer}: Pulling fs layer\n"
        f"{layer}: Verifying Checksum\n"
        f"{layer}: Pull complete\n"
        f"Digest: {published.digest}\n"
        f"Status: Downloaded newer image for {name}:latest\n"
        f"{name}:latest\n"
    )
    assert cli("pull", f"{name}:latest").out == (
        "latest: Pulling from team/app\n"
        f"Digest: {published.digest}\n"
        f"Status: Image is up to date for {name}:latest\n"
        f"{name}:latest\n"
    )
    assert cli("pull", "-q", name).out == f"{name}:latest\n"
    by_digest = f"{name}@{published.digest}"
    assert cli("pull", by_digest).out == (
        f"{by_digest}: Pulling from team/app\n"
        f"Digest: {published.digest}\n"
        f"Status: Image is up to date for {by_digest}\n"
        f"{by_digest}\n"
    )
    assert published.digest in cli("images", "--digests").out


def test_pull_of_all_tags_passes_over_what_is_no_image(cli: Cli, registry: FakeRegistry) -> None:
    for tag in ("1", "2"):
        publish(registry, tag=tag, files=({tag: b"x"},))
    empty = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest_of(b"{}"), "size": 2}
    registry.add_manifest("team/app", "chart", json.dumps({"schemaVersion": 2, "config": empty, "layers": []}).encode())
    name = f"{registry.address}/team/app"
    result = cli("pull", "-a", name)
    assert result.code == 0
    assert result.out.endswith(f"Status: Downloaded newer image for {name}\n{name}\n")
    assert "chart is no container image" in result.err
    assert sorted(cli("images", "--format", "{{.Tag}}").out.split()) == ["1", "2"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["pull", "HOST/nosuch"], 1, "manifest for HOST/nosuch:latest not found: manifest unknown"),
        (["pull", "BAD/Name"], 1, "BAD/Name"),
        (["pull"], 1, "Missing argument"),
        (["pull", "-a", "HOST/team/app:1"], 125, "tag can't be used with --all-tags/-a"),
        (["pull", "--platform", "linux/s390x", "HOST/team/app:1"], 1, "does not match the specified platform"),
        (["pull", "127.0.0.1:1/x"], 1, "127.0.0.1:1: no connection: Connection refused"),
        (["push", "HOST/nosuch:1"], 1, "An image does not exist locally with the tag: HOST/nosuch"),
        (["push", "HOST/app@sha256:" + "ab" * 32], 125, "cannot push a digest reference"),
        (["search", "--limit", "101", "HOST/x"], 1, "Limit 101 is outside the range of [1, 100]"),
        (["search", "-f", "bogus=1", "HOST/x"], 1, "Invalid filter 'bogus=1'"),
        (["login", "HOST"], 1, "Cannot perform an interactive login from a non TTY device"),
        (["login", "--password-stdin", "HOST"], 125, "Must provide --username with --password-stdin"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(
    cli: Cli, registry: FakeRegistry, arguments: list[str], code: int, message: str
) -> None:
    publish(registry)
    result = cli(*(argument.replace("HOST", registry.address) for argument in arguments))
    assert result.code == code
    assert message.replace("HOST", registry.address) in result.err
    assert "Traceback" not in result.err


def test_push_says_what_docker_says(cli: Cli, root: Path, registry: FakeRegistry) -> None:
    name = f"{registry.address}/team/app"
    with Store.open(root).operation("make") as operation:
        image = add_image(operation, {"a": b"a"}, name=f"{name}:1")
    layer = image.diff_ids[0].short
    first = cli("push", f"{name}:1")
    manifest = registry.manifests["team/app"]["1"][0]
    last = f"1: digest: {digest_of(manifest)} size: {len(manifest)}\n"
    heading = f"The push refers to repository [{name}]\n{layer}: Preparing\n"
    assert (first.code, first.out) == (0, f"{heading}{layer}: Pushed\n{last}")
    assert cli("push", f"{name}:1").out == f"{heading}{layer}: Layer already exists\n{last}"
    assert cli("push", "-q", f"{name}:1").out == f"{name}:1\n"
    cli("tag", f"{name}:1", f"{registry.address}/other:2")
    assert f"{layer}: Mounted from team/app\n" in cli("push", "-a", f"{registry.address}/other").out


def test_login_keeps_what_pull_uses_and_logout_forgets(cli: Cli, tmp_path: Path, registry: FakeRegistry) -> None:
    registry.users, registry.scheme = {"ada": "s:cret"}, "bearer"
    publish(registry)
    name = f"{registry.address}/team/app:1"
    refused = cli("pull", name)
    assert refused.code == 1
    assert f"`dockerlang login {registry.address}` first" in refused.err
    wrong = cli("login", "-u", "ada", "--password-stdin", registry.address, stdin="wrong\n")
    assert (wrong.code, wrong.out) == (1, "")
    assert not (tmp_path / "docker").exists()
    done = cli("login", "-u", "ada", "--password-stdin", registry.address, stdin="s:cret\n")
    assert (done.code, done.out) == (0, "Login Succeeded\n")
    assert "stored unencrypted" in done.err
    assert "s:cret" not in done.err
    assert stat.S_IMODE((tmp_path / "docker/config.json").stat().st_mode) == 0o600
    assert cli("pull", "-q", name).code == 0
    assert cli("logout", registry.address).out == f"Removing login credentials for {registry.address}\n"
    assert cli("logout", registry.address).out == f"Not logged in to {registry.address}\n"
    assert cli("pull", "-q", name).code == 1


def test_a_password_as_an_argument_is_warned_of(cli: Cli, registry: FakeRegistry) -> None:
    registry.users, registry.scheme = {"ada": "x"}, "basic"
    result = cli("login", "-u", "ada", "-p", "x", f"https://{registry.address}/v1/")
    assert result.out == "Login Succeeded\n"
    assert "Using --password via the CLI is insecure" in result.err


def test_search_is_docker_s_table(cli: Cli, registry: FakeRegistry) -> None:
    registry.found = [
        {"name": "busybox", "description": "Busybox base image " * 4, "star_count": 3000, "is_official": True},
        {"name": "team/busy", "description": None, "star_count": 2, "is_official": False},
    ]
    term = f"{registry.address}/busy"
    assert cli("search", term).out.splitlines() == [
        f"{'NAME':<{len(registry.address) + 13}}{'DESCRIPTION':<48}{'STARS':<10}OFFICIAL",
        f"{registry.address}/busybox     Busybox base image Busybox base image Busybo…   3000      [OK]",
        f"{registry.address}/team/busy   {'':<48}2         ",
    ]
    assert cli("search", "-f", "stars=3", "--format", "{{.Name}}", term).out == f"{registry.address}/busybox\n"
    assert cli("search", "-s", "3", "--format", "{{.Name}}", term).out == f"{registry.address}/busybox\n"
    assert cli("search", "--automated", "--format", "{{.Name}}", term).out == ""
    assert cli("search", "-f", "is-official=false", "--format", "{{.StarCount}}", term).out == "2\n"
    assert cli("search", "--limit", "1", "--format", "{{.StarCount}}", term).out == "3000\n"
    (first, *_) = json.loads(cli("search", "--format", "typed-json", term).out)
    assert list(first) == ["name", "description", "stars", "is_official"]
    assert (first["stars"], type(first["is_official"])) == (3000, bool)


def test_search_lists_referrers(cli: Cli, registry: FakeRegistry) -> None:
    published = publish(registry)
    registry.has_referrers = True
    subject = {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": published.digest, "size": 1}
    empty = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest_of(b"{}"), "size": 2}
    document = {"schemaVersion": 2, "artifactType": "text/sbom", "config": empty, "layers": [], "subject": subject}
    digest = registry.add_manifest("team/app", "sbom", json.dumps(document).encode())
    for name in (f"{registry.address}/team/app:1", f"{registry.address}/team/app@{published.digest}"):
        result = cli("search", "--list-referrers", "--format", "{{.Digest}} {{.ArtifactType}}", name)
        assert (result.code, result.out) == (0, f"{digest} text/sbom\n")
    assert "not found" in cli("search", "--list-referrers", f"{registry.address}/team/app:2").err


def test_search_lists_tags(cli: Cli, registry: FakeRegistry) -> None:
    for tag in ("2", "1"):
        publish(registry, tag=tag)
    name = f"{registry.address}/team/app"
    assert cli("search", "--list-tags", "--format", "{{.Name}}:{{.Tag}}", name).out == f"{name}:1\n{name}:2\n"


@pytest.mark.skipif(os.geteuid() != 0 and not os.environ.get("CI"), reason="needs root to build without namespaces")
def test_build_pulls_its_base_and_run_its_image(cli: Cli, root: Path, tmp_path: Path, registry: FakeRegistry) -> None:
    first = publish(registry, files=({"a": b"one"},))
    base = f"{registry.address}/team/app:1"
    (tmp_path / "context").mkdir()
    (tmp_path / "context/Dockerfile").write_text(f"FROM {base}\nLABEL a=b\n")
    built = cli("build", "-t", "app", tmp_path / "context")
    assert built.code == 0, built.err
    assert built.err.startswith(f"#1 FROM {base}\n")
    assert f"Digest: {first.digest}" in built.err
    registry.requests.clear()
    assert cli("build", "-q", tmp_path / "context").code == 0
    assert registry.requests == []
    second = publish(registry, files=({"a": b"two"},))
    assert cli("build", "--pull", "-q", tmp_path / "context").code == 0
    image = Store.open(root).find(base)
    assert image is not None
    assert str(image.id) == digest_of(second.config)
    registry.manifests.clear()
    gone = cli("build", "--pull", tmp_path / "context")
    assert gone.code == 1
    assert "not found" in gone.err


def test_run_of_what_is_nowhere_ends_with_125(cli: Cli, registry: FakeRegistry) -> None:
    result = cli("run", "--rm", f"{registry.address}/nosuch:1")
    assert result.code == 125
    assert f"Unable to find image '{registry.address}/nosuch:1' locally" in result.err
    assert "cannot be pulled" in result.err
    registry.requests.clear()
    assert cli("run", "--pull", "never", f"{registry.address}/nosuch:1").code == 125
    assert registry.requests == []


@pytest.mark.parametrize("way", ["option", "variable", "daemon.json"])
def test_a_mirror_of_docker_hub_is_asked_first(
    cli: Cli, root: Path, registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, way: str
) -> None:
    published = publish(registry, "library/tool")
    url = f"http://{registry.address}"
    arguments = ["--registry-mirror", url] if way == "option" else []
    if way == "variable":
        monkeypatch.setenv("DOCKERLANG_REGISTRY_MIRROR", url)
    elif way == "daemon.json":
        config = tmp_path / "home" / ".config" / "docker"
        config.mkdir(parents=True)
        (config / "daemon.json").write_text(json.dumps({"registry-mirrors": [url]}))
    result = cli("pull", *arguments, "tool:1")
    assert (result.code, result.err) == (0, "")
    assert result.out.endswith(
        f"Digest: {published.digest}\nStatus: Downloaded newer image for tool:1\ndocker.io/library/tool:1\n"
    )
    assert cli("images", "--format", "{{.Repository}}:{{.Tag}}").out == "tool:1\n"


def test_what_is_no_mirror_is_refused(cli: Cli) -> None:
    result = cli("pull", "--registry-mirror", "ftp://a.example", "tool:1")
    assert (result.code, result.out) == (1, "")
    assert "ftp://a.example is no mirror" in result.err
