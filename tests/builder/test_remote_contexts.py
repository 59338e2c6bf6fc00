"""The main context from elsewhere: archives and Dockerfiles behind URLs, repositories, and what goes wrong there."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from backports import zstd

from dockerlang.builder.contexts.local import MainContext
from dockerlang.builder.contexts.main import open_main_context
from dockerlang.builder.ops import downloading
from dockerlang.errors import DockerlangError, InputError, LimitError, NotFoundError, UsageError
from tests.builder.conftest import Builder
from tests.builder.repositories import Repositories, Repository, needs_git
from tests.builder.test_contexts import archive
from tests.builder.web import Web

FILES = {"Dockerfile": "FROM scratch\nCOPY f /\n", "f": "text", "other/Dockerfile": "FROM scratch\nCOPY f /o\n"}
YEAR_2017 = "Fri, 14 Jul 2017 02:40:00 GMT"
SECONDS_2017 = 1_500_000_000


@contextmanager
def opened(
    builder: Builder, location: str, file: str = "", stdin: bytes = b"", *, keeps_git_directory: bool = False
) -> Iterator[MainContext]:
    stream = io.BytesIO(stdin)
    with open_main_context(location, file, stream, builder.store, keeps_git_directory=keeps_git_directory) as context:
        yield context


def failing(builder: Builder, location: str, file: str = "", stdin: bytes = b"") -> DockerlangError:
    with pytest.raises(DockerlangError) as caught, opened(builder, location, file, stdin):
        pass
    assert caught.value.hint
    return caught.value


# ---------------------------------------------------------------- over HTTP


@pytest.mark.parametrize("kind", ["", "gz", "bz2", "xz", "zst"])
def test_an_archive_behind_a_url(builder: Builder, web: Web, kind: str) -> None:
    data = zstd.compress(archive(FILES)) if kind == "zst" else archive(FILES, kind)
    with opened(builder, web.put("/c", data)) as context:
        result = builder(context.source.text, context=context.files)
    assert builder.layer(result)["f"][1] == b"text"


def test_a_dockerfile_behind_a_url_has_no_files(builder: Builder, web: Web) -> None:
    with opened(builder, web.put("/Dockerfile", b"FROM scratch\nENV A=1\n")) as context:
        assert context.source.text == "FROM scratch\nENV A=1\n"
        assert context.source.name == f"{web.address}/Dockerfile"
        assert builder(context.source.text, context=context.files).image.config.config.env[-1] == "A=1"


def test_redirects_are_followed_to_their_end(builder: Builder, web: Web) -> None:
    web.put("/c", archive(FILES))
    url = web.put("/moved", status=302, headers={"Location": "/again"})
    web.put("/again", status=308, headers={"Location": "/c"})
    with opened(builder, url) as context:
        assert "COPY" in context.source.text


def test_the_password_of_a_url_goes_to_its_host_and_into_no_message(builder: Builder, web: Web) -> None:
    web.put("/Dockerfile", b"FROM scratch\n")
    host = web.address.removeprefix("http://")
    with opened(builder, f"http://me:s3cret@{host}/Dockerfile") as context:
        assert context.source.name == f"http://{host}/Dockerfile"
    assert {name.lower(): value for name, value in web.asked[0][1].items()}["authorization"].startswith("Basic ")
    assert "s3cret" not in str(failing(builder, f"http://me:s3cret@{host}/none"))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"status": 404}, "answers 404"),
        ({"status": 401}, "answers 401"),
        ({"status": 500}, "answers 500"),
        ({"status": 503}, "answers 503"),
        ({"status": 302, "headers": {"Location": "/page"}}, "too many redirects"),
        ({"headers": {"Content-Length": "900"}}, "cut before the end"),
    ],
)
def test_what_goes_wrong_with_a_download_is_named(
    builder: Builder, web: Web, monkeypatch: pytest.MonkeyPatch, fields: dict[str, object], said: str
) -> None:
    monkeypatch.setattr(downloading, "_BACKOFF", 0.0)
    url = web.put("/page", b"FROM scratch\n", **fields)
    error = failing(builder, url)
    assert said in str(error)
    assert url in str(error)


def test_a_passing_failure_is_tried_again(builder: Builder, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloading, "_BACKOFF", 0.0)
    failing(builder, web.put("/page", status=503))
    assert len(web.asked) == 1 + downloading.ATTEMPTS


def test_nobody_there_and_nobody_answering(builder: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloading, "_BACKOFF", 0.0)
    monkeypatch.setattr(downloading, "_TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert "no answer within 0.1 seconds" in str(failing(builder, f"http://127.0.0.1:{port}/"))
    assert "Connection refused" in str(failing(builder, f"http://127.0.0.1:{port}/"))


def test_a_dockerfile_has_a_limit(builder: Builder, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dockerlang.builder.contexts.main.MAX_DOCKERFILE", 100)
    url = web.put("/Dockerfile", b"#" * 101)
    for location, file in ((url, ""), (str(builder.context), url)):
        with pytest.raises(LimitError), opened(builder, location, file):
            pass


# ---------------------------------------------------------------- which Dockerfile


def test_f_names_a_file_of_the_archive(builder: Builder, web: Web) -> None:
    with opened(builder, web.put("/c", archive(FILES)), "other/Dockerfile") as context:
        assert context.source.text.endswith("/o\n")
    error = failing(builder, web.put("/c", archive(FILES)), "nothing")
    assert isinstance(error, NotFoundError)
    assert "it holds Dockerfile, f, other" in error.hint


@pytest.mark.parametrize("kind", ["directory", "archive", "url", "stdin"])
def test_f_may_be_a_url_whatever_the_context(builder: Builder, web: Web, tmp_path: Path, kind: str) -> None:
    file = web.put("/elsewhere", b"FROM scratch\nCOPY f /x\n")
    builder.write("f", "text")
    (tmp_path / "c.tar").write_bytes(archive(FILES))
    location = {
        "directory": str(builder.context),
        "archive": str(tmp_path / "c.tar"),
        "url": web.put("/c", archive(FILES)),
        "stdin": "-",
    }[kind]
    with opened(builder, location, file, archive(FILES)) as context:
        assert context.source.name == file
        result = builder(context.source.text, context=context.files)
    assert builder.layer(result)["x"][1] == b"text"


@pytest.mark.parametrize("kind", ["directory", "archive", "url"])
def test_f_may_be_standard_input(builder: Builder, web: Web, tmp_path: Path, kind: str) -> None:
    builder.write("f", "text")
    (tmp_path / "c.tar").write_bytes(archive(FILES))
    locations = {
        "directory": str(builder.context),
        "archive": str(tmp_path / "c.tar"),
        "url": web.put("/c", archive(FILES)),
    }
    with opened(builder, locations[kind], "-", b"FROM scratch\nCOPY f /x\n") as context:
        result = builder(context.source.text, context=context.files)
    assert builder.layer(result)["x"][1] == b"text"
    assert "empty" in str(failing(builder, locations[kind], "-", b" \n"))


def test_an_absolute_path_is_a_file_of_this_machine(builder: Builder, web: Web, tmp_path: Path) -> None:
    (tmp_path / "Mine").write_text("FROM scratch\nCOPY f /mine\n")
    with opened(builder, web.put("/c", archive(FILES)), str(tmp_path / "Mine")) as context:
        assert context.source.text.endswith("/mine\n")


def test_a_dockerfile_on_standard_input_and_a_named_one_exclude_each_other(builder: Builder) -> None:
    assert "no archive" in str(failing(builder, "-", "Other", b"FROM scratch\n"))


def test_f_names_files_outside_the_directory_and_their_own_ignore_file(builder: Builder, tmp_path: Path) -> None:
    (tmp_path / "Outside").write_text("FROM scratch\nCOPY . /\n")
    (tmp_path / "Outside.dockerignore").write_text("hidden\n")
    builder.write(".dockerignore", "shown\n")
    with opened(builder, str(builder.context), str(tmp_path / "Outside")) as context:
        assert context.ignore is not None
        assert context.ignore.is_ignored("hidden")
        assert not context.ignore.is_ignored("shown")


def test_a_dockerfile_from_elsewhere_has_no_ignore_file_of_its_own(builder: Builder, web: Web) -> None:
    builder.write("Dockerfile.dockerignore", "hidden\n")
    builder.write(".dockerignore", "general\n")
    for file, stdin in ((web.put("/Dockerfile", b"FROM scratch\n"), b""), ("-", b"FROM scratch\n")):
        with opened(builder, str(builder.context), file, stdin) as context:
            assert context.ignore is not None
            assert context.ignore.is_ignored("general")
            assert not context.ignore.is_ignored("hidden")


@pytest.mark.parametrize(
    ("name", "made", "hint"),
    [
        ("", "Dockerfile.dev", "-f {context}/Dockerfile.dev"),
        ("Dockerfile.prd", "Dockerfile.prod", "-f {context}/Dockerfile.prod"),
        ("sub", "sub/Dockerfile", "sub/Dockerfile"),
    ],
)
def test_a_dockerfile_that_is_not_there_has_a_likeness(builder: Builder, name: str, made: str, hint: str) -> None:
    builder.write(made)
    error = failing(builder, str(builder.context), str(builder.context / name) if name else "")
    assert hint.format(context=builder.context) in error.hint


@pytest.mark.parametrize("location", ["ftp://example.org/c.tar", "file:///tmp", "/none/such"])
def test_what_is_no_context_says_what_is(builder: Builder, location: str) -> None:
    assert "an archive" in failing(builder, location).hint


# ---------------------------------------------------------------- repositories


@pytest.fixture
def app(repositories: Repositories) -> Repository:
    repository = repositories.new("app")
    repository.commit(FILES)
    repository.git("tag", "v1")
    repository.commit({"f": "second", "sub/Dockerfile": "FROM scratch\nCOPY g /\n", "sub/g": "below"}, SECONDS_2017 + 5)
    return repository


@needs_git
@pytest.mark.parametrize(
    ("suffix", "path", "content"),
    [
        ("", "f", b"second"),
        ("#v1", "f", b"text"),
        ("#trunk", "f", b"second"),
        ("#refs/tags/v1", "f", b"text"),
        ("#:sub", "g", b"below"),
        ("#trunk:sub", "g", b"below"),
        ("?tag=v1", "f", b"text"),
        ("?branch=trunk&subdir=sub", "g", b"below"),
    ],
)
def test_a_repository_at_a_ref_and_a_directory(
    builder: Builder, app: Repository, suffix: str, path: str, content: bytes
) -> None:
    with opened(builder, app.url + suffix) as context:
        result = builder(context.source.text, context=context.files)
    assert builder.layer(result)[path][1] == content


@needs_git
def test_a_commit_may_be_asked_for_and_held_to(builder: Builder, app: Repository) -> None:
    first, second = app.git("rev-parse", "v1"), app.git("rev-parse", "trunk")
    with opened(builder, f"{app.url}#{first}") as context:
        assert builder.layer(builder(context.source.text, context=context.files))["f"][1] == b"text"
    with opened(builder, f"{app.url}?ref=trunk&checksum={second[:12]}") as context:
        assert context.source.text
    with pytest.raises(InputError, match=second), opened(builder, f"{app.url}?ref=trunk&checksum={first}"):
        pass


@needs_git
def test_the_git_directory_is_left_out_unless_it_is_wanted(builder: Builder, app: Repository) -> None:
    for keeps in (False, True):
        with opened(builder, app.url, keeps_git_directory=keeps) as context:
            assert isinstance(context.files, Path)
            assert (context.files / ".git").exists() == keeps


@needs_git
def test_submodules_come_along(builder: Builder, app: Repository, repositories: Repositories) -> None:
    library = repositories.new("library")
    library.commit({"lib": "library"})
    app.git("submodule", "add", "-q", library.url, "vendor")
    app.commit({"Dockerfile": "FROM scratch\nCOPY vendor /\n"})
    with opened(builder, app.url) as context:
        assert builder.layer(builder(context.source.text, context=context.files))["lib"][1] == b"library"
    with opened(builder, f"{app.url}?submodules=false") as context:
        assert isinstance(context.files, Path)
        assert not list((context.files / "vendor").iterdir())


@needs_git
@pytest.mark.parametrize(("suffix", "said"), [("#none", "none"), ("#trunk:none", "no directory `none`")])
def test_what_a_repository_does_not_have_is_named(builder: Builder, app: Repository, suffix: str, said: str) -> None:
    with pytest.raises(InputError, match=said), opened(builder, app.url + suffix):
        pass


@needs_git
def test_f_with_a_repository(builder: Builder, app: Repository, web: Web) -> None:
    with opened(builder, app.url, "sub/Dockerfile") as context:
        assert context.source.text.endswith("g /\n")
    with opened(builder, app.url, "-", b"FROM scratch\nCOPY f /x\n") as context:
        assert "x" in builder.layer(builder(context.source.text, context=context.files))
    with opened(builder, app.url, web.put("/D", b"FROM scratch\nCOPY f /y\n")) as context:
        assert "y" in builder.layer(builder(context.source.text, context=context.files))
    (app.path / "link").symlink_to("/etc/passwd")
    app.commit({})
    with pytest.raises(NotFoundError), opened(builder, app.url, "link"):
        pass


# ---------------------------------------------------------------- the time of a context


def test_the_time_of_a_url_is_when_it_was_changed_or_that_of_its_newest_file(builder: Builder, web: Web) -> None:
    web.put("/dated", archive(FILES), headers={"Last-Modified": YEAR_2017})
    web.put("/undated", archive(FILES))
    web.put("/Dockerfile", b"FROM scratch\n")
    times = {}
    for path in ("/dated", "/undated", "/Dockerfile"):
        with opened(builder, web.address + path) as context:
            times[path] = context.time()
    assert times == {"/dated": SECONDS_2017, "/undated": 1_400_000_000, "/Dockerfile": None}


@needs_git
def test_the_time_of_a_repository_is_that_of_the_commit(builder: Builder, app: Repository) -> None:
    for suffix, seconds in (("#v1", SECONDS_2017), ("", SECONDS_2017 + 5)):
        with opened(builder, app.url + suffix) as context:
            assert context.time() == seconds


def test_a_directory_has_no_time(builder: Builder) -> None:
    builder.write("Dockerfile", "FROM scratch\n")
    with opened(builder, str(builder.context)) as context:
        assert context.time() is None


def test_two_wishes_for_standard_input(builder: Builder) -> None:
    with pytest.raises(UsageError), opened(builder, "-", "-"):
        pass
