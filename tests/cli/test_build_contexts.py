"""Contexts and Dockerfiles as the command line names them, and the files that it writes about the image."""

from __future__ import annotations

import json
import os

import pytest

from tests.cli.command import Command

pytestmark = pytest.mark.skipif(os.geteuid() != 0 and not os.environ.get("CI"), reason="needs root to run steps")


def write(dockerlang: Command, **files: str) -> None:
    for name, content in files.items():
        path = dockerlang.directory / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def built(dockerlang: Command, *arguments: str, input: bytes | None = None) -> str:
    """The ID of the image, without its algorithm."""
    ended = dockerlang("build", "-q", *arguments, input=input)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip().removeprefix("sha256:")


def content(dockerlang: Command, image: str, path: str) -> str:
    return dockerlang("run", "--rm", image, "cat", path).stdout


# ---------------------------------------------------------------- named contexts


@pytest.fixture
def layout(dockerlang: Command) -> tuple[str, str]:
    """An OCI layout with the image `one` in it, and that image's digest."""
    write(dockerlang, layout__Dockerfile="FROM scratch\nCOPY f /\n", layout__f="one")
    dockerlang("build", "-o", "type=oci,dest=oci,tar=false,name=x:one", "layout")
    index = json.loads((dockerlang.directory / "oci/index.json").read_text())
    return "oci", index["manifests"][0]["digest"]


def test_an_image_of_a_layout_by_tag_and_by_digest(dockerlang: Command, layout: tuple[str, str]) -> None:
    directory, digest = layout
    write(dockerlang, app__Dockerfile="FROM busybox\nCOPY --from=lib f /\n")
    for suffix in (":one", f"@{digest}", f":one@{digest}"):
        image = built(dockerlang, "--build-context", f"lib=oci-layout://{directory}{suffix}", "app")
        assert content(dockerlang, image, "/f") == "one"
    for suffix in (":two", f"@sha256:{'0' * 64}", "@sha256:1"):
        failed = dockerlang("build", "--build-context", f"lib=oci-layout://{directory}{suffix}", "app")
        assert failed.returncode == 1
        assert "the build context `lib` cannot be used" in failed.stderr


def test_a_context_for_a_platform_is_for_that_alone(dockerlang: Command) -> None:
    write(dockerlang, Dockerfile="FROM busybox\nCOPY --from=lib f /\n", here__f="here", there__f="there")
    platform = json.loads(dockerlang("image", "inspect", "busybox").stdout)[0]["Architecture"]
    other = "riscv64" if platform != "riscv64" else "amd64"
    image = built(dockerlang, "--build-context=lib=there", f"--build-context=lib::linux/{platform}=here", ".")
    assert content(dockerlang, image, "/f") == "here"
    image = built(dockerlang, "--build-context=lib=there", f"--build-context=lib::linux/{other}=here", ".")
    assert content(dockerlang, image, "/f") == "there"
    failed = dockerlang("build", f"--build-context=lib::linux/{other}=here", ".")
    assert f"`lib` is for linux/{other}, and this build for linux/{platform}" in failed.stderr


def test_an_image_for_a_platform_stands_for_a_name(dockerlang: Command) -> None:
    write(dockerlang, Dockerfile="FROM debian:12\nRUN true\n")
    platform = json.loads(dockerlang("image", "inspect", "busybox").stdout)[0]["Architecture"]
    assert built(dockerlang, f"--build-context=debian:12::linux/{platform}=docker-image://busybox", ".")


def test_a_directory_that_is_not_there_is_told_before_anything_is_built(dockerlang: Command) -> None:
    write(dockerlang, Dockerfile="FROM busybox\nRUN true\n")
    failed = dockerlang("build", "--build-context=lib=none/such", ".")
    assert failed.returncode != 0
    assert "the build context `lib`: none/such does not exist" in failed.stderr
    assert "#1" not in failed.stderr


def test_a_named_directory_has_its_own_ignore_file_and_no_other(dockerlang: Command) -> None:
    write(
        dockerlang,
        Dockerfile="FROM busybox\nCOPY --from=lib . /lib/\nCOPY . /main/\n",
        Dockerfile_dockerignore="hidden-here\n",
        lib__f="f",
    )
    for name in ("hidden-here", "hidden-there"):
        (dockerlang.directory / name).touch()
        (dockerlang.directory / "lib" / name).touch()
    (dockerlang.directory / "lib/.dockerignore").write_text("hidden-there\n")
    (dockerlang.directory / "lib/Dockerfile.dockerignore").write_text("f\n")
    (dockerlang.directory / ".dockerignore").write_text("hidden-there\n")
    image = built(dockerlang, "--build-context=lib=lib", ".")
    seen = dockerlang("run", "--rm", image, "sh", "-c", "cd /; ls lib main | sort -u; ls lib main").stdout
    listed = dockerlang("run", "--rm", image, "ls", "/lib").stdout.split()
    assert listed == ["Dockerfile.dockerignore", "f", "hidden-here"]
    assert "hidden-there" in seen.partition("main:")[2]
    assert "hidden-here" not in seen.rpartition("main:")[2]


# ---------------------------------------------------------------- the Dockerfile


def test_the_dockerfile_may_lie_above_the_context(dockerlang: Command) -> None:
    write(dockerlang, Own="FROM busybox\nCOPY f /\n", sub__f="text", sub__Dockerfile="FROM scratch\n")
    assert content(dockerlang, built(dockerlang, "-f", "Own", "sub"), "/f") == "text"
    assert content(dockerlang, built(dockerlang, "-f", "sub/../Own", "sub"), "/f") == "text"
    assert content(dockerlang, built(dockerlang, "-f", "-", "sub", input=b"FROM busybox\nCOPY f /\n"), "/f") == "text"


def test_a_directory_is_no_dockerfile(dockerlang: Command) -> None:
    write(dockerlang, sub__Dockerfile="FROM scratch\n")
    failed = dockerlang("build", "-f", "sub", ".")
    assert "sub is a directory" in failed.stderr
    assert "-f sub/Dockerfile" in failed.stderr


# ---------------------------------------------------------------- arguments


def test_a_build_argument_without_a_value_has_that_of_the_environment(
    dockerlang: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(dockerlang, Dockerfile="FROM busybox\nARG A=default\nARG B=default\nRUN echo $A $B > /out\n")
    monkeypatch.setenv("A", "outside")
    monkeypatch.delenv("B", raising=False)
    assert content(dockerlang, built(dockerlang, "--build-arg=A", "--build-arg=B", "."), "/out") == "outside default\n"


def test_proxies_reach_processes_and_no_image(dockerlang: Command) -> None:
    write(dockerlang, Dockerfile="FROM busybox\nRUN [ ${#HTTP_PROXY} = 8 ] && [ $HTTP_PROXY = $http_proxy ]\n")
    image = built(dockerlang, "--build-arg=HTTP_PROXY=http://p", ".")
    assert "http://p" not in dockerlang("history", "--no-trunc", image).stdout
    assert "http://p" not in dockerlang("inspect", image).stdout
    again = dockerlang("build", "--build-arg=HTTP_PROXY=http://q", ".")
    assert "CACHED" in again.stderr


@pytest.mark.parametrize("arguments", [["--build-arg", "=x"], ["--label", "=x"]])
def test_what_has_no_name_is_refused(dockerlang: Command, arguments: list[str]) -> None:
    write(dockerlang, Dockerfile="FROM scratch\n")
    assert "has no name" in dockerlang("build", *arguments, ".").stderr


@pytest.mark.parametrize(
    "option", ["--builder=x", "--policy=x", "--isolation=hyperv", "--security-opt=seccomp=unconfined"]
)
def test_options_of_docker_that_cannot_be_honoured_say_so(dockerlang: Command, option: str) -> None:
    write(dockerlang, Dockerfile="FROM scratch\n")
    refused = dockerlang("build", option, ".")
    assert refused.returncode != 0
    assert f"{option.partition('=')[0]} cannot be honoured" in refused.stderr
    assert "hint:" in refused.stderr


def test_options_of_docker_without_which_nothing_is_lost_are_taken(dockerlang: Command) -> None:
    write(dockerlang, Dockerfile="FROM scratch\n")
    assert built(dockerlang, "--compress", "--disable-content-trust=false", "--isolation=default", ".")


def test_stages_to_run_again_may_be_listed_and_must_exist(dockerlang: Command) -> None:
    write(dockerlang, Dockerfile="FROM busybox AS a\nRUN echo a\nFROM a AS b\nRUN echo b\nFROM b\nRUN echo c\n")
    built(dockerlang, ".")
    again = dockerlang("build", "--no-cache-filter=A,none", "--no-cache-filter=b", ".").stderr
    assert "names `none`, and the Dockerfile has no such stage" in again
    assert (again.count("DONE"), again.count("CACHED")) == (2, 1)
    assert dockerlang("build", ".").stderr.count("CACHED") == 3


def test_the_host_has_an_address_in_its_own_network_only(dockerlang: Command) -> None:
    write(dockerlang, Dockerfile="FROM busybox\nRUN grep me /etc/hosts > /out\n")
    image = built(dockerlang, "--network=host", "--add-host=me:host-gateway", ".")
    assert content(dockerlang, image, "/out").split() == ["127.0.0.1", "me"]
    refused = dockerlang("build", "--add-host=me=host-gateway", ".")
    assert "--network=host" in refused.stderr


# ---------------------------------------------------------------- files about the image


def test_the_files_about_an_image_are_refused_early_and_never_stale(dockerlang: Command) -> None:
    write(dockerlang, Dockerfile="FROM busybox\nRUN true\n")
    early = dockerlang("build", "--iidfile", "none/such", ".")
    assert "there is no directory none" in early.stderr
    assert "#1" not in early.stderr
    assert built(dockerlang, "--iidfile", "id", ".") in (dockerlang.directory / "id").read_text()
    write(dockerlang, Dockerfile="FROM busybox\nRUN false\n")
    assert dockerlang("build", "--iidfile", "id", ".").returncode == 1
    assert not (dockerlang.directory / "id").exists()


def test_metadata_has_the_keys_of_buildx(dockerlang: Command) -> None:
    write(dockerlang, Dockerfile="FROM busybox\nENV A=1\n")
    image = built(dockerlang, "--metadata-file", "meta", "-t", "a", "-t", "b:2", ".")
    metadata = json.loads((dockerlang.directory / "meta").read_text())
    assert set(metadata) == {
        "buildx.build.ref",
        "containerimage.config.digest",
        "containerimage.descriptor",
        "containerimage.digest",
        "image.name",
    }
    assert metadata["containerimage.config.digest"] == f"sha256:{image}"
    assert metadata["containerimage.descriptor"]["digest"] == metadata["containerimage.digest"]
    assert metadata["image.name"] == "docker.io/library/a:latest,docker.io/library/b:2"


def test_a_copy_of_nothing_is_warned_of_in_the_end(dockerlang: Command) -> None:
    write(dockerlang, Dockerfile="FROM scratch\nCOPY --exclude=* src /x/\n", src__f="")
    ended = dockerlang("build", ".")
    assert ended.returncode == 0
    assert "warning[copies-nothing]" in ended.stderr
    assert "`--exclude=*`" in ended.stderr
    assert dockerlang("build", "-q", ".").stderr == ""
