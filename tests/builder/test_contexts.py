"""Contexts: named ones in the place of stages, images and sources; archives and repositories as the main one."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dockerlang.builder.contexts.main import open_main_context
from dockerlang.builder.contexts.named import (
    DirectoryContext,
    FileContext,
    GitContext,
    ImageContext,
    find_named_context,
    parse_named_context,
)
from dockerlang.builder.failure import BuildFailure
from dockerlang.errors import DockerlangError, InputError, NotFoundError, UsageError
from dockerlang.oci.platform import Platform
from tests.builder.conftest import Builder

ARM = Platform("linux", "arm64")


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A directory to be named."""
    directory = tmp_path / "other"
    directory.mkdir()
    (directory / "a").write_text("from other")
    (directory / "secret").write_text("not for images")
    (directory / ".dockerignore").write_text("secret\n")
    return directory


def archive(files: dict[str, str], kind: str = "") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.uid, entry.gid, entry.mtime = len(content), 7, 8, 1_400_000_000
            tar.addfile(entry, io.BytesIO(content.encode()))
    compress: dict[str, Callable[[bytes], bytes]] = {
        "": bytes,
        "gz": gzip.compress,
        "bz2": bz2.compress,
        "xz": lzma.compress,
    }
    return compress[kind](stream.getvalue())


# ---------------------------------------------------------------- names and values


def test_values_are_told_apart(other: Path) -> None:
    assert parse_named_context(f"lib={other}") == ("lib", DirectoryContext(other))
    assert parse_named_context("lib=docker-image://alpine") == ("lib", ImageContext("docker.io/library/alpine:latest"))
    assert parse_named_context("lib=https://example.org/f") == ("lib", FileContext("https://example.org/f"))
    _, repository = parse_named_context("lib=https://example.org/app.git#v1:sub")
    assert isinstance(repository, GitContext)
    assert (repository.reference.ref, repository.reference.subdirectory) == ("v1", "sub")


@pytest.mark.parametrize(
    ("written", "meant"),
    [("alpine", "alpine"), ("alpine:latest", "docker.io/library/alpine"), ("docker.io/library/alpine:3", "alpine:3")],
)
def test_a_context_is_found_under_every_form_of_its_name(other: Path, written: str, meant: str) -> None:
    key, context = parse_named_context(f"{written}={other}")
    assert find_named_context({key: context}, meant, ARM) == (key, context)


def test_a_context_for_the_platform_comes_first(other: Path, tmp_path: Path) -> None:
    contexts = dict(map(parse_named_context, [f"lib={other}", f"lib::linux/arm64={tmp_path}"]))
    assert find_named_context(contexts, "lib", ARM) == ("lib::linux/arm64", DirectoryContext(tmp_path))
    assert find_named_context(contexts, "lib", Platform("linux", "amd64")) == ("lib", DirectoryContext(other))


@pytest.mark.parametrize(
    "text", ["lib", "=x", "lib=", "Lib=.", "lib=/none/such", "lib=oci-layout:///none", "lib=target:x", "l::nope=."]
)
def test_what_is_no_context_is_refused_with_the_next_step(text: str) -> None:
    with pytest.raises((UsageError, InputError)) as caught:
        parse_named_context(text)
    assert caught.value.hint


# ---------------------------------------------------------------- named contexts in a build


def test_copy_from_a_directory_honours_its_own_ignore_file(builder: Builder, other: Path) -> None:
    builder.write(".dockerignore", "a\n")
    contexts = {"other": DirectoryContext(other)}
    result = builder("FROM scratch\nCOPY --from=other / /\n", contexts=contexts)
    assert "a" in builder.layer(result)
    assert "secret" not in builder.layer(result)


def test_a_hidden_file_names_the_context_and_the_line(builder: Builder, other: Path) -> None:
    with pytest.raises(BuildFailure) as caught:
        builder("FROM scratch\nCOPY --from=other secret /\n", contexts={"other": DirectoryContext(other)})
    (diagnostic,) = caught.value.diagnostics
    assert "build context `other`" in diagnostic.message
    assert "line 1" in diagnostic.note


def test_from_a_directory_has_an_empty_config_and_history_of_its_own(builder: Builder, other: Path) -> None:
    builder.write("f")
    result = builder("FROM other\nCOPY f /\n", contexts={"other": DirectoryContext(other)})
    config = result.image.config
    assert len(config.diff_ids) == 2
    assert [(entry.created_by, entry.comment) for entry in config.history] == [
        ("COPY f / # buildkit", "buildkit.dockerfile.v0"),
        ("[1/2] COPY f /", "buildkit.exporter.image.v0"),
    ]
    assert all(entry.created for entry in config.history)
    assert builder.layer(result, 0)["a"][1] == b"from other"


def test_a_directory_alone_is_an_image_with_one_synthetic_entry(builder: Builder, other: Path) -> None:
    result = builder("FROM other\nENV A=1\n", contexts={"other": DirectoryContext(other)})
    assert [entry.created_by for entry in result.image.config.history] == ["ENV A=1", "local source for other"]
    again = builder("FROM other\nENV A=1\n", contexts={"other": DirectoryContext(other)})
    assert again.image.id == result.image.id
    assert all(builder.cached)


def test_a_stage_with_a_contexts_name_is_not_built(builder: Builder, other: Path) -> None:
    dockerfile = "FROM none AS other\nRUN false\nFROM scratch\nCOPY --from=other a /\nCOPY --from=0 a /b\n"
    result = builder(dockerfile, contexts={"other": DirectoryContext(other)})
    assert builder.layer(result, 0)["a"][1] == b"from other"
    assert builder.layer(result, 1)["b"][1] == b"from other"


def test_an_image_stands_for_another(builder: Builder) -> None:
    contexts = {"debian:12": ImageContext("docker.io/library/busybox:latest")}
    result = builder("FROM debian:12\nRUN true\n", contexts=contexts)
    assert len(result.image.diff_ids) == 2


def test_triggers_of_an_image_in_place_of_a_stage_run_in_its_children(builder: Builder) -> None:
    builder("FROM busybox\nONBUILD RUN echo run > /triggered\n", tag="parent")
    contexts = {"stage": ImageContext("docker.io/library/parent:latest")}
    result = builder("FROM scratch AS stage\nFROM stage\n", contexts=contexts)
    assert builder.layer(result)["triggered"][1] == b"run\n"


def test_a_mount_from_a_directory(builder: Builder, other: Path) -> None:
    dockerfile = "FROM busybox\nRUN --mount=from=other,target=/m cp /m/a /copied && ! test -e /m/secret\n"
    result = builder(dockerfile, contexts={"other": DirectoryContext(other)})
    assert builder.layer(result)["copied"][1] == b"from other"


def test_an_unknown_image_names_the_context_like_it(builder: Builder, other: Path) -> None:
    with pytest.raises(BuildFailure) as caught:
        builder("FROM scratch\nCOPY --from=othr a /\n", contexts={"other": DirectoryContext(other)})
    assert "did you mean `other`?" in caught.value.diagnostics[0].help


# ---------------------------------------------------------------- the main context


@pytest.mark.parametrize("kind", ["", "gz", "bz2", "xz"])
def test_an_archive_is_a_context(builder: Builder, kind: str) -> None:
    data = archive({"Dockerfile": "FROM scratch\nCOPY f /\n", "f": "text", ".dockerignore": "f\n"}, kind)
    with open_main_context("-", "", io.BytesIO(data), builder.store, keeps_git_directory=False) as context:
        result = builder(context.source.text, context=context.files)
    entry, content = builder.layer(result)["f"]
    assert (content, entry.uid, entry.gid) == (b"text", 7, 8)


def test_a_dockerfile_on_standard_input_has_no_files(builder: Builder) -> None:
    stream = io.BytesIO(b"FROM scratch\nCOPY f /\n")
    with (
        open_main_context("-", "", stream, builder.store, keeps_git_directory=False) as context,
        pytest.raises(BuildFailure) as caught,
    ):
        builder(context.source.text, context=context.files)
    assert "came without files" in caught.value.diagnostics[0].help


def test_entries_that_lead_outside_stay_inside(builder: Builder, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("kept")
    data = archive({"Dockerfile": "FROM scratch\nCOPY / /\n", "../outside": "overwritten"})
    with open_main_context("-", "", io.BytesIO(data), builder.store, keeps_git_directory=False) as context:
        result = builder(context.source.text, context=context.files)
    assert (tmp_path / "outside").read_text() == "kept"
    assert builder.layer(result)["outside"][1] == b"overwritten"


def test_bad_contexts_say_what_is_wrong(builder: Builder, tmp_path: Path) -> None:
    whole = archive({"a": "x" * 5000, "Dockerfile": "FROM scratch\n"}, "gz")
    (tmp_path / "cut.tgz").write_bytes(whole[:-20])
    (tmp_path / "other.tar").write_bytes(archive({"a": "x"}))
    for location, words in (
        ("/none/such", "no build context"),
        (str(tmp_path / "cut.tgz"), "ends early"),
        (str(tmp_path / "other.tar"), "has no Dockerfile"),
        ("-", "is empty"),
    ):
        with (
            pytest.raises(DockerlangError, match=words),
            open_main_context(location, "", io.BytesIO(), builder.store, keeps_git_directory=False),
        ):
            pass
    with (
        pytest.raises(UsageError, match="both"),
        open_main_context("-", "-", io.BytesIO(), builder.store, keeps_git_directory=False),
    ):
        pass


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_directory_of_a_repository(builder: Builder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = tmp_path / "app.git"
    (repository / "sub").mkdir(parents=True)
    (repository / "sub" / "Dockerfile").write_text("FROM scratch\nCOPY / /\n")
    (repository / "sub" / "f").write_text("text")
    who = ("-c", "user.name=n", "-c", "user.email=e@example.org")
    for command in (["init", "-q", "-b", "trunk"], ["add", "."], [*who, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", *command], cwd=repository, check=True)
    # git itself rewrites the address, so that nothing leaves this machine.
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.file://{repository}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://git.example.org/app.git")
    location = "https://git.example.org/app.git#trunk:sub"
    with open_main_context(location, "", io.BytesIO(), builder.store, keeps_git_directory=False) as context:
        result = builder(context.source.text, context=context.files)
    assert {path.rstrip("/") for path in builder.layer(result)} == {"Dockerfile", "f"}
    with (
        pytest.raises(NotFoundError, match=r"Other"),
        open_main_context(location, "Other", io.BytesIO(), builder.store, keeps_git_directory=False),
    ):
        pass
