"""What `dockerlang build` makes of an image beside the one in the store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from dockerlang.store.store import Store
from tests.busybox import add_busybox
from tests.cli.command import Command
from tests.registry.real_registry import docker_registry

pytestmark = pytest.mark.skipif(os.geteuid() != 0 and not os.environ.get("CI"), reason="needs root to run steps")
EPOCH = 1_600_000_000
DOCKERFILE = """FROM busybox
COPY f /d/f
RUN ln /d/f /d/again && rm /etc/group && chown 1000:1000 /d/f
"""


@pytest.fixture
def dockerlang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("DOCKERLANG_NO_SYNC", "1")
    add_busybox(Store.open(tmp_path / "store"))
    work = tmp_path / "work"
    work.mkdir()
    (work / "Dockerfile").write_text(DOCKERFILE)
    (work / "f").write_text("content\n")
    return Command(tmp_path / "store", work)


def build(dockerlang: Command, *arguments: str) -> str:
    built = dockerlang("build", *arguments, ".")
    assert built.returncode == 0, built.stderr
    return built.stdout


def names_of(path: Path) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(path) as tar:
        return {member.name: member for member in tar}


def test_a_directory_gets_the_files_and_nothing_outside_it_is_touched(dockerlang: Command) -> None:
    out, outside = dockerlang.directory / "out", dockerlang.directory.parent / "outside"
    outside.mkdir()
    out.mkdir()
    (out / "etc").symlink_to(outside)
    (out / "mine").write_text("kept")
    (out / "d").write_text("a file where a directory has to go")
    build(dockerlang, "-o", "out")
    assert (out / "d" / "f").read_text() == "content\n"
    assert (out / "d" / "f").stat().st_ino == (out / "d" / "again").stat().st_ino
    assert (out / "d" / "f").stat().st_uid == os.geteuid()
    assert not (out / "etc" / "group").exists()
    assert (out / "etc" / "passwd").exists()
    assert (out / "mine").read_text() == "kept"
    assert list(outside.iterdir()) == []
    assert dockerlang("images", "-q").stdout.split() == dockerlang("images", "-q", "busybox").stdout.split()
    build(dockerlang, "-o", "type=local,dest=out,mode=delete")
    assert not (out / "mine").exists()
    assert not list(out.rglob(".dockerlang-*"))


def test_a_plain_archive_keeps_owners_and_links(dockerlang: Command) -> None:
    build(dockerlang, "-o", "type=tar,dest=root.tar", "--build-arg", f"SOURCE_DATE_EPOCH={EPOCH}")
    members = names_of(dockerlang.directory / "root.tar")
    assert (members["d/f"].uid, members["d/f"].gid) in {(1000, 1000)}
    assert {members["d/f"].islnk(), members["d/again"].islnk()} == {False, True}
    assert "etc/group" not in members
    assert {int(member.mtime) for member in members.values()} == {EPOCH}


def test_an_archive_may_go_to_the_standard_output(dockerlang: Command) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "dockerlang", "--root", str(dockerlang.root), "build", "-q", "-o", "-", "."],
        cwd=dockerlang.directory,
        capture_output=True,
        check=True,
    )
    (dockerlang.directory / "stdout.tar").write_bytes(built.stdout)
    assert "d/f" in names_of(dockerlang.directory / "stdout.tar")


@pytest.mark.parametrize("compression", ["uncompressed", "gzip", "zstd"])
def test_archives_of_images_are_read_again(dockerlang: Command, compression: str, tmp_path: Path) -> None:
    names = ("-t", "app:1", "--metadata-file", "meta.json")
    build(dockerlang, *names, "-o", f"type=oci,dest=app.tar,compression={compression}")
    assert dockerlang("images", "-q", "app").stdout == ""
    metadata = json.loads((dockerlang.directory / "meta.json").read_text())
    with tarfile.open(dockerlang.directory / "app.tar") as tar:
        index = json.load(tar.extractfile("index.json"))  # type: ignore[arg-type]
    assert index["manifests"][0]["digest"] == metadata["containerimage.digest"]
    other = Command(tmp_path / "other", dockerlang.directory)
    loaded = other("load", "-i", "app.tar")
    assert "app:1" in loaded.stdout, loaded.stderr
    assert metadata["containerimage.config.digest"] in other("images", "-q", "--no-trunc").stdout
    assert metadata["image.name"] == "docker.io/library/app:1"


def test_several_outputs_at_once(dockerlang: Command) -> None:
    build(
        dockerlang, "-t", "app", "--load", "-o", "type=docker,dest=app.tar", "-o", "type=local,dest=out",
        "-o", "type=oci,dest=layout,tar=false",
    )  # fmt: skip
    assert dockerlang("images", "-q", "app").stdout
    assert (dockerlang.directory / "app.tar").exists()
    assert (dockerlang.directory / "out" / "d" / "f").exists()
    assert len(json.loads((dockerlang.directory / "layout" / "index.json").read_text())["manifests"]) == 1


@pytest.mark.peer
def test_skopeo_reads_archives_and_layouts(dockerlang: Command) -> None:
    build(dockerlang, "-t", "app:1", "-o", "type=docker,dest=d.tar", "-o", "type=oci,dest=o.tar", "-o",
          "type=oci,dest=layout,tar=false")  # fmt: skip
    for source in ("docker-archive:d.tar", "oci-archive:o.tar:1", "oci:layout:1"):
        inspected = subprocess.run(
            ["skopeo", "inspect", source], cwd=dockerlang.directory, capture_output=True, text=True, check=False
        )
        assert inspected.returncode == 0, inspected.stderr
        assert len(json.loads(inspected.stdout)["Layers"]) == 3


def test_squash_makes_one_layer_on_the_base(dockerlang: Command) -> None:
    (dockerlang.directory / "Dockerfile").write_text(
        "FROM busybox\nRUN echo gone > /gone && mkdir -p /a/b && echo x > /a/b/x\nRUN rm -r /gone /a/b /etc/group\n"
        "RUN echo kept > /kept\n"
    )
    build(dockerlang, "--squash", "-t", "app")
    (app,) = json.loads(dockerlang("inspect", "app").stdout)
    assert len(app["RootFS"]["Layers"]) == 2
    script = "cat /kept; ls /a; test ! -e /gone && test ! -e /etc/group && echo removed"
    assert dockerlang("run", "--rm", "app", "sh", "-c", script).stdout == "kept\nremoved\n"
    history = dockerlang("history", "--no-trunc", "--format", "{{.Comment}}|{{.CreatedBy}}", "app").stdout.splitlines()
    assert history[0].startswith("merge sha256:")
    first = app["Id"]
    build(dockerlang, "--squash", "-t", "app")
    assert json.loads(dockerlang("inspect", "app").stdout)[0]["Id"] == first


def test_times_are_clamped_to_the_epoch_of_the_environment(
    dockerlang: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(dockerlang.directory / "f", (1_500_000_000, 1_500_000_000))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(EPOCH))
    build(dockerlang, "-t", "app", "-o", "type=image,rewrite-timestamp=true")
    (app,) = json.loads(dockerlang("inspect", "app").stdout)
    assert app["Created"] == "2020-09-13T12:26:40Z"
    times = dockerlang("run", "--rm", "app", "stat", "-c", "%Y", "/d/f", "/d").stdout.split()
    assert times == ["1500000000", str(EPOCH)]


def test_several_platforms_are_one_name(dockerlang: Command) -> None:
    (dockerlang.directory / "Dockerfile").write_text("FROM scratch\nARG TARGETARCH\nENV A=$TARGETARCH\nCOPY f /f\n")
    build(dockerlang, "--platform", "linux/arm64,linux/amd64", "-t", "app:1", "-o", "type=image")
    (app,) = json.loads(dockerlang("inspect", "app:1").stdout)
    assert [row["Platform"] for row in app["Manifests"]] == ["linux/arm64", "linux/amd64"]
    assert len(dockerlang("images", "-q", "app").stdout.split()) == 1
    dockerlang("tag", "app:1", "other:2")
    assert len(json.loads(dockerlang("inspect", "other:2").stdout)[0]["Manifests"]) == 2
    dockerlang("rmi", "other:2")
    build(dockerlang, "--platform", "linux/arm64,linux/amd64", "-o", "out")
    assert (dockerlang.directory / "out" / "linux_arm64" / "f").exists()
    assert dockerlang("rmi", "app:1").returncode == 0
    assert "arm64" not in dockerlang("images", "-a", "--format", "{{.ID}}", "app").stdout


@pytest.mark.peer
def test_an_index_is_pushed_and_found_by_platform(dockerlang: Command, tmp_path: Path) -> None:
    (dockerlang.directory / "Dockerfile").write_text("FROM scratch\nARG TARGETARCH\nENV A=$TARGETARCH\nCOPY f /f\n")
    with docker_registry(tmp_path / "registry") as host:
        name = f"{host}/app:1"
        build(
            dockerlang, "--platform", "linux/arm64,linux/amd64", "-t", name, "--push", "--metadata-file", "meta.json",
            "--annotation", "index,manifest:colour=green",
        )  # fmt: skip
        digest = json.loads((dockerlang.directory / "meta.json").read_text())["containerimage.digest"]
        raw = subprocess.run(
            ["skopeo", "inspect", "--tls-verify=false", "--raw", f"docker://{name}"], capture_output=True, check=True
        ).stdout
        assert json.loads(raw)["annotations"] == {"colour": "green"}
        pushed = dockerlang("push", name)
        assert digest in pushed.stdout, pushed.stderr
        other = Command(tmp_path / "other", dockerlang.directory)
        for platform in ("linux/arm64", "linux/amd64"):
            assert other("pull", "--platform", platform, name).returncode == 0
            assert other("inspect", "-f", "{{.Architecture}}", name).stdout.strip() == platform.split("/")[1]


BAD = {
    ("-o", "type=nonsense"): "no output of type",
    ("-o", "type=oci,dest=x,colour=red"): "no attribute `colour`",
    ("-o", "type=oci,dest=x,compression=estargz"): "cannot be honoured",
    ("-o", "type=oci,dest=x,compression-level=99"): "levels 0 to 9",
    ("-o", "type=local"): "needs dest",
    ("-o", "type=image,source-date-epoch=1"): "pass --build-arg",
    ("-o", "type=image,dest=x"): "has no dest",
    ("-o", "type=image,push=perhaps"): "true or false",
    ("-o", "Dockerfile"): "Dockerfile",
    ("-o", "type=tar,dest=missing/root.tar"): "cannot write",
    ("--annotation", "colour"): "is not understood",
    ("--annotation", "index:a=b"): "need one",
    ("--provenance", "true"): "cannot be honoured",
    ("--attest", "type=sbom"): "cannot be honoured",
    ("--push",): "without a name",
    ("--platform", "linux/nonsense/"): "not a platform",
}


@pytest.mark.parametrize("arguments", BAD)
def test_what_cannot_be_is_said_in_a_line(dockerlang: Command, arguments: tuple[str, ...]) -> None:
    (dockerlang.directory / "Dockerfile").write_text("FROM scratch\nCOPY f /f\n")
    failed = dockerlang("build", *arguments, ".")
    assert failed.returncode in (1, 125)
    assert BAD[arguments] in failed.stderr
    assert "Traceback" not in failed.stderr


def test_attestations_may_be_declined(dockerlang: Command) -> None:
    build(dockerlang, "--provenance=false", "--sbom=false", "--attest", "type=provenance,disabled=true")
