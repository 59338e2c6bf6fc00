"""ADD of what lies elsewhere, named contexts that do, and the time that they give to a build."""

from __future__ import annotations

import hashlib

import pytest

from dockerlang.builder.contexts.named import NamedContext, parse_named_context
from dockerlang.builder.events import StepFinished
from dockerlang.builder.failure import BuildFailure
from dockerlang.diagnostics import Diagnostic
from dockerlang.errors import UsageError
from tests.builder.conftest import Builder
from tests.builder.repositories import HOST, Repositories, Repository, needs_git
from tests.builder.test_contexts import archive
from tests.builder.web import Web

YEAR_2017 = "Fri, 14 Jul 2017 02:40:00 GMT"
SECONDS_2017 = 1_500_000_000


def failing(builder: Builder, dockerfile: str, **options: object) -> tuple[Diagnostic, str]:
    """The one diagnostic, and the text that it underlines."""
    with pytest.raises(BuildFailure) as caught:
        builder(dockerfile, **options)
    (diagnostic,) = caught.value.diagnostics
    return diagnostic, dockerfile[diagnostic.span.start : diagnostic.span.end]


def contexts(*texts: str) -> dict[str, NamedContext]:
    return dict(map(parse_named_context, texts))


@pytest.fixture
def app(repositories: Repositories) -> Repository:
    repository = repositories.new("app")
    repository.commit({"f": "first", "sub/g": "below"})
    repository.git("tag", "v1")
    repository.commit({"f": "second"}, SECONDS_2017 + 5)
    return repository


# ---------------------------------------------------------------- ADD of a URL


def test_a_url_is_a_file_with_the_time_that_its_server_says(builder: Builder, web: Web) -> None:
    url = web.put("/dir/name%20x?version=1", b"data", headers={"Last-Modified": YEAR_2017})
    entry, data = builder.layer(builder(f"FROM scratch\nADD {url} /d/\n"))["d/name x"]
    assert (data, entry.mode, entry.mtime_ns) == (b"data", 0o600, SECONDS_2017 * 10**9)


def test_a_url_is_asked_for_each_time_and_its_step_is_cached_by_content(builder: Builder, web: Web) -> None:
    dockerfile = f"FROM scratch\nADD {web.put('/f', b'one')} /\n"
    first = builder(dockerfile)
    assert builder(dockerfile).image.id == first.image.id
    assert [event.is_cached for event in builder.events if isinstance(event, StepFinished)] == [False, True]
    web.put("/f", b"two")
    assert builder(dockerfile).image.id != first.image.id


def test_a_checksum_of_a_url_is_held_to(builder: Builder, web: Web) -> None:
    url, digest = web.put("/f", b"data"), hashlib.sha256(b"data").hexdigest()
    builder(f"FROM scratch\nADD --checksum=sha256:{digest} {url} /\n")
    diagnostic, _ = failing(builder, f"FROM scratch\nADD --checksum=sha256:{'0' * 64} {url} /\n")
    assert digest in diagnostic.message
    assert "--checksum" in diagnostic.help


@pytest.mark.parametrize(
    "line",
    ["ADD --checksum=md5:1 {url} /", "ADD --checksum=sha256:12 {url} /", "ADD --checksum=sha256:{zeros} {url} {url} /"],
)
def test_a_checksum_that_is_none_is_refused_before_anything_is_fetched(builder: Builder, web: Web, line: str) -> None:
    url = web.put("/f", b"data")
    diagnostic, _ = failing(builder, f"FROM scratch\n{line.format(url=url, zeros='0' * 64)}\n")
    assert diagnostic.code == "bad-checksum"
    assert web.asked == []


@pytest.mark.parametrize(("flag", "path"), [("--unpack", "d/f"), ("--unpack=true", "d/f"), ("", "d/c.tar")])
def test_an_archive_behind_a_url_is_unpacked_if_that_is_asked_for(
    builder: Builder, web: Web, flag: str, path: str
) -> None:
    url = web.put("/c.tar", archive({"f": "text"}, "gz"))
    assert path in builder.layer(builder(f"FROM scratch\nADD {flag} {url} /d/\n"))


def test_an_archive_of_the_context_stays_whole_if_that_is_asked_for(builder: Builder) -> None:
    (builder.context / "c.tar").write_bytes(archive({"f": "text"}))
    assert "d/f" in builder.layer(builder("FROM scratch\nADD c.tar /d/\n"))
    assert "d/c.tar" in builder.layer(builder("FROM scratch\nADD --unpack=false c.tar /d/\n"))


def test_a_url_that_fails_underlines_its_instruction(builder: Builder, web: Web) -> None:
    line = f"ADD {web.address}/none /"
    diagnostic, underlined = failing(builder, f"FROM scratch\nENV A=1\n{line}\n")
    assert "answers 404" in diagnostic.message
    assert underlined == line


# ---------------------------------------------------------------- ADD of a repository


@needs_git
@pytest.mark.parametrize(
    ("flags", "suffix", "there", "missing"),
    [
        ("", "", "d/f", "d/.git"),
        ("--keep-git-dir", "", "d/.git/HEAD", "d/g"),
        ("--keep-git-dir=true", "#v1", "d/.git/HEAD", "d/g"),
        ("", "?keep-git-dir=true", "d/.git/HEAD", "d/g"),
        ("", "#v1:sub", "d/g", "d/f"),
    ],
)
def test_a_repository_is_added_as_its_files(
    builder: Builder, app: Repository, flags: str, suffix: str, there: str, missing: str
) -> None:
    paths = {path.rstrip("/") for path in builder.layer(builder(f"FROM scratch\nADD {flags} {app.url}{suffix} /d\n"))}
    assert there in paths
    assert missing not in paths


@needs_git
def test_a_commit_is_held_to(builder: Builder, app: Repository) -> None:
    first, second = app.git("rev-parse", "v1"), app.git("rev-parse", "trunk")
    builder(f"FROM scratch\nADD --checksum={first} {app.url}#v1 /\n")
    diagnostic, _ = failing(builder, f"FROM scratch\nADD --checksum={first} {app.url}#trunk /\n")
    assert second in diagnostic.message


@needs_git
def test_files_have_the_time_of_the_commit_if_that_is_asked_for(builder: Builder, app: Repository) -> None:
    entry, _ = builder.layer(builder(f"FROM scratch\nADD {app.url}?mtime=commit&tag=v1 /\n"))["f"]
    assert entry.mtime_ns == SECONDS_2017 * 10**9


# ---------------------------------------------------------------- named contexts


def test_a_file_behind_a_url_as_a_context(builder: Builder, web: Web) -> None:
    given = contexts(f"lib={web.put('/tool', b'binary')}")
    assert builder.layer(builder("FROM scratch\nCOPY --from=lib tool /\n", contexts=given))["tool"][1] == b"binary"
    mounted = builder("FROM busybox\nRUN --mount=from=lib,target=/m cp /m/tool /copied\n", contexts=given)
    assert builder.layer(mounted)["copied"][1] == b"binary"


@needs_git
@pytest.mark.parametrize(("suffix", "path", "content"), [("#v1", "f", b"first"), ("#trunk:sub", "g", b"below")])
def test_a_repository_as_a_context(builder: Builder, app: Repository, suffix: str, path: str, content: bytes) -> None:
    given = contexts(f"lib={app.url}{suffix}")
    assert builder.layer(builder("FROM scratch\nCOPY --from=lib / /\n", contexts=given))[path][1] == content
    assert builder.layer(builder("FROM lib\nENV A=1\n", contexts=given), 0)[path][1] == content


@pytest.mark.parametrize(
    ("dockerfile", "underlined"),
    [
        ("FROM lib\n", "lib"),
        ("FROM scratch\nCOPY --from=lib x /\n", "lib"),
        ("FROM busybox\nRUN --mount=from=lib,target=/m true\n", "lib"),
        ("FROM busybox AS lib\nFROM scratch\nCOPY --from=lib x /\n", "lib"),
        ("FROM busybox AS lib\nENV A=1\n", "lib"),
        ("FROM scratch AS a\nONBUILD COPY --from=lib x /\nFROM a\n", "FROM a"),
    ],
)
@pytest.mark.parametrize("kind", ["url", "repository", "image", "layout"])
def test_a_context_that_fails_underlines_who_asks_for_it(
    builder: Builder, web: Web, repositories: Repositories, dockerfile: str, underlined: str, kind: str
) -> None:
    (builder.context / "layout").mkdir()
    (builder.context / "layout/index.json").write_text('{"schemaVersion": 2, "manifests": []}')
    value = {
        "url": f"{web.address}/none",
        "repository": f"{HOST}/none.git#v1",
        "image": "docker-image://none/such:1",
        "layout": f"oci-layout://{builder.context}/layout:v1",
    }[kind]
    diagnostic, found = failing(builder, dockerfile, contexts=contexts(f"lib={value}"))
    assert (diagnostic.code, found) == ("context-failed", underlined)
    assert "the build context `lib` cannot be used: " in diagnostic.message
    assert value.partition("://")[2] in diagnostic.note
    assert "--build-context lib=" in diagnostic.help


# ---------------------------------------------------------------- SOURCE_DATE_EPOCH


def created(builder: Builder, dockerfile: str, **options: object) -> str:
    return builder(dockerfile, **options).image.config.created


def test_the_time_of_the_main_context(builder: Builder) -> None:
    dockerfile = "ARG SOURCE_DATE_EPOCH=context\nFROM scratch\nARG SOURCE_DATE_EPOCH\nENV E=$SOURCE_DATE_EPOCH\n"
    result = builder(dockerfile, context_time=lambda: SECONDS_2017)
    assert result.image.config.created == "2017-07-14T02:40:00Z"
    assert f"E={SECONDS_2017}" in result.image.config.config.env
    given = builder(
        dockerfile.partition("\n")[2], build_args={"SOURCE_DATE_EPOCH": "context"}, context_time=lambda: SECONDS_2017
    )
    assert given.image.id == result.image.id


def test_a_context_without_a_time_leaves_the_variable_empty(builder: Builder) -> None:
    result = builder(
        "FROM scratch\nARG SOURCE_DATE_EPOCH\nENV E=${SOURCE_DATE_EPOCH:-none}\n",
        build_args={"SOURCE_DATE_EPOCH": "context"},
    )
    assert "E=none" in result.image.config.config.env
    assert result.image.config.history[0].created_by == "ARG SOURCE_DATE_EPOCH="


def test_the_time_of_a_url_in_a_stage_or_a_context(builder: Builder, web: Web) -> None:
    dated = web.put("/f", b"data", headers={"Last-Modified": YEAR_2017})
    stage = f"FROM scratch AS when\nARG PART=f\nADD {web.address}/$PART /\n"
    use = "ARG SOURCE_DATE_EPOCH=when\n"
    assert created(builder, f"{use}{stage}FROM scratch\nENV A=1\n").startswith("2017-07-14")
    assert created(builder, f"{use}FROM scratch\nENV A=1\n", contexts=contexts(f"when={dated}")).startswith("2017-07")
    undated = web.put("/c.tar", archive({"f": "x"}))
    assert created(builder, f"{use}FROM scratch\nENV A=1\n", contexts=contexts(f"when={undated}")).startswith("2014-05")


@needs_git
def test_the_time_of_a_repository_in_a_stage_or_a_context(builder: Builder, app: Repository) -> None:
    stage = f"FROM scratch AS when\nADD {app.url}#v1 /\n"
    use = "ARG SOURCE_DATE_EPOCH=when\n"
    assert created(builder, f"{use}{stage}FROM scratch\nENV A=1\n") == "2017-07-14T02:40:00Z"
    given = contexts(f"when={app.url}")
    assert created(builder, f"{use}FROM scratch\nENV A=1\n", contexts=given) == "2017-07-14T02:40:05Z"


def test_a_context_of_this_machine_has_no_time(builder: Builder) -> None:
    given = contexts(f"when={builder.context}")
    result = builder("ARG SOURCE_DATE_EPOCH=when\nFROM scratch\nENV A=$SOURCE_DATE_EPOCH\n", contexts=given)
    assert not result.image.config.created.startswith("1970")


@pytest.mark.parametrize(
    "stage",
    [
        "FROM busybox AS when\nADD http://127.0.0.1/f /\n",
        "FROM scratch AS when\nADD http://127.0.0.1/f /\nADD http://127.0.0.1/f /\n",
        "FROM scratch AS when\nADD f /\n",
        "FROM scratch AS when\nADD http://127.0.0.1/f http://127.0.0.1/g /\n",
        "FROM scratch AS when\nCOPY f /\n",
        "FROM scratch AS when\nARG A=1\n",
    ],
)
def test_a_stage_that_gives_the_time_does_nothing_else(builder: Builder, stage: str) -> None:
    diagnostic, underlined = failing(builder, f"ARG SOURCE_DATE_EPOCH=when\n{stage}FROM scratch\n")
    assert diagnostic.code == "bad-epoch"
    assert underlined == stage.partition("\n")[0]


def test_what_gives_no_time_is_refused_where_it_is_said(builder: Builder) -> None:
    diagnostic, underlined = failing(builder, "ARG SOURCE_DATE_EPOCH=soon\nFROM scratch\n")
    assert (diagnostic.code, underlined) == ("bad-epoch", "SOURCE_DATE_EPOCH")
    with pytest.raises(UsageError, match="soon"):
        builder("FROM scratch\n", build_args={"SOURCE_DATE_EPOCH": "soon"})
