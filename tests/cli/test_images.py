"""The image commands as a user calls them: words, exit codes, files."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from dockerlang.cli.main import main
from dockerlang.oci.reference import parse_reference
from dockerlang.store.records import ContainerState
from dockerlang.store.store import Store
from tests.store.making import add_image, docker_archive, oci_layout, tar_of


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str
    raw: bytes


Cli = Callable[..., Result]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOCKERLANG_NO_SYNC", "1")
    monkeypatch.setenv("DOCKERLANG_ROOT", str(tmp_path / "store"))
    return tmp_path / "store"


@pytest.fixture
def cli(root: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Cli:
    def call(*words: str | Path, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "argv", ["dockerlang", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfdbinary.readouterr()
        assert isinstance(ended.value.code, int)
        return Result(ended.value.code, out.decode("utf-8", "replace"), err.decode(), out)

    return call


@pytest.fixture
def store(root: Path) -> Store:
    """An old base, and an app on it with two names."""
    store = Store.open(root)
    with store.operation("make") as operation:
        base = add_image(operation, {"a": b"1" * 1_982_329}, name="base", created=ago(3600))
        app = add_image(operation, {"b": b"22"}, parent=base, name="app:1", labels={"l": "v"}, created=ago(2 * 86400))
        operation.tag(parse_reference("team/app:2"), app)
    return store


def ago(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds))


def short(store: Store, name: str) -> str:
    image = store.find(name)
    assert image is not None
    return image.id.short


def full(store: Store, name: str) -> str:
    image = store.find(name)
    assert image is not None
    return str(image.id)


def test_images_is_docker_s_table(cli: Cli, store: Store) -> None:
    result = cli("images")
    assert result.code == 0
    assert result.out == (
        "REPOSITORY   TAG       IMAGE ID       CREATED             SIZE\n"
        f"base         latest    {short(store, 'base')}   About an hour ago   1.98MB\n"
        f"app          1         {short(store, 'app:1')}   2 days ago          1.98MB\n"
        f"team/app     2         {short(store, 'app:1')}   2 days ago          1.98MB\n"
    )


def test_an_empty_store_shows_the_heading_only(cli: Cli) -> None:
    assert cli("images").out == "REPOSITORY   TAG       IMAGE ID   CREATED   SIZE\n"
    assert cli("images", "-q").out == ""


def test_images_with_digests_and_whole_ids(cli: Cli, store: Store) -> None:
    lines = cli("images", "--digests", "--no-trunc", "base").out.splitlines()
    assert lines[0].split() == ["REPOSITORY", "TAG", "DIGEST", "IMAGE", "ID", "CREATED", "SIZE"]
    assert lines[1].split()[2:4] == ["<none>", full(store, "base")]


def test_quiet_prints_an_id_for_every_name(cli: Cli, store: Store) -> None:
    assert cli("images", "-q", "*/*").out == f"{short(store, 'app:1')}\n"
    assert len(cli("images", "-q", "--no-trunc").out.splitlines()) == 3


@pytest.mark.parametrize(
    ("arguments", "out"),
    [
        (["--format", "{{.Repository}}:{{.Tag}}", "app"], "app:1\n"),
        (["--format", r"{{.Repository}}\t{{.Size}}", "app"], "app\t1.98MB\n"),
        (["--format", r"table {{.Repository}}\t{{.Tag}}", "app"], "REPOSITORY   TAG\napp          1\n"),
        (["--format", "{{json .Tag}} {{json .Digest}}", "app"], '"1" "<none>"\n'),
        (["-f", "label=l=v", "--format", "{{.Tag}}"], "1\n2\n"),
        (["-f", "reference=b*", "--format", "{{.Tag}}"], "latest\n"),
        (["-f", "before=base", "--format", "{{.Tag}}"], "1\n2\n"),
        (["-f", "since=app:1", "--format", "{{.Tag}}"], "latest\n"),
        (["-f", "dangling=true", "-q"], ""),
    ],
)
def test_formats_and_filters(cli: Cli, store: Store, arguments: list[str], out: str) -> None:
    result = cli("images", *arguments)
    assert (result.code, result.out) == (0, out)


def test_json_is_an_object_a_line_with_go_s_escapes(cli: Cli, store: Store) -> None:
    lines = cli("images", "--format", "json").out.splitlines()
    assert len(lines) == 3
    assert '"Digest":"\\u003cnone\\u003e"' in lines[0]
    row = json.loads(lines[0])
    assert list(row) == sorted(row)
    assert (row["Repository"], row["Tag"], row["Size"], row["VirtualSize"]) == ("base", "latest", "1.98MB", "1.982MB")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["images", "-f", "bogus=1"], 1, "Invalid filter 'bogus'"),
        (["images", "-f", "dangling"], 1, "invalid filter"),
        (["images", "-f", "since=nosuch"], 1, "No such image: nosuch:latest"),
        (["images", "--format", "{{.Nope}}"], 1, 'map has no entry for key "Nope"'),
        (["images", "--format", "{{range .}}"], 64, "template parsing error"),
        (["images", "--nope"], 125, "No such option"),
        (["inspect", "-f", "{{.Nope}}", "base"], 1, 'map has no entry for key "Nope"'),
        (["inspect", "-f", "{{", "base"], 64, "template parsing error"),
        (["inspect", "nosuch"], 1, "Error: No such object: nosuch"),
        (["inspect", "--type", "image", "nosuch"], 1, "Error: No such image: nosuch"),
        (["history", "nosuch"], 1, "No such image: nosuch:latest"),
        (["tag", "nosuch", "x"], 1, "No such image: nosuch:latest"),
        (["tag", "base", "BAD/Name"], 1, "BAD/Name"),
        (["tag", "base", "x@sha256:" + "ab" * 32], 1, "refusing to create a tag with a digest reference"),
        (["rmi"], 1, "Missing argument"),
        (["rmi", "nosuch"], 1, "No such image: nosuch:latest"),
        (["rmi", "-f", "nosuch"], 0, "No such image: nosuch:latest"),
        (["save", "-o", "/nosuch/dir/x.tar", "base"], 1, "cannot write /nosuch/dir"),
        (["load", "-i", "/nosuch.tar"], 1, "cannot read /nosuch.tar"),
        (["load", "-i", "/etc/hostname"], 1, ""),
        (["import", "/nosuch.tar"], 1, "cannot read /nosuch.tar"),
        (["import", "-c", "RUN x", "/etc/hostname"], 1, "'RUN' is not a change"),
    ],
)
def test_mistakes_are_one_line_and_an_exit_code(
    cli: Cli, store: Store, arguments: list[str], code: int, message: str
) -> None:
    result = cli(*arguments)
    assert result.code == code
    assert message in result.err
    assert "Traceback" not in result.err


def test_history_is_docker_s_table(cli: Cli, store: Store) -> None:
    with store.operation("make") as operation:
        base = operation.find("base")
        from dockerlang.oci.config import History

        steps = (
            History(created=ago(3600), created_by="COPY / / # buildkit", comment="buildkit.dockerfile.v0"),
            History(created_by='CMD ["/bin/sh"]\tx', empty_layer=True),
            History(created=ago(4), created_by="/bin/sh -c rm /one && mkdir /two && echo t > /two/f"),
        )
        add_image(operation, {"b": b"22"}, parent=base, name="app:3", history=steps)
    assert cli("history", "app:3").out == (
        "IMAGE          CREATED             CREATED BY                                      SIZE      COMMENT\n"
        f"{short(store, 'app:3')}   4 seconds ago       /bin/sh -c rm /one && mkdir /two && echo t >…   2B        \n"
        f'{short(store, "base")}   N/A                 CMD ["/bin/sh"] x                             '
        "  0B        \n"
        "<missing>      About an hour ago   COPY / / # buildkit                             1.98MB    "
        "buildkit.dockerfile.v0\n"
    )
    assert cli("history", "-q", "app:3").out.splitlines()[2] == "<missing>"
    plain = cli("history", "-H=false", "--no-trunc", "app:3").out.splitlines()
    assert plain[0].split()[:3] == ["IMAGE", "CREATED", "AT"]
    assert plain[1].split()[-1] == "2"
    assert "/two/f" in plain[1]
    assert cli("history", "--human=true", "--format", "{{.Size}}", "app:3").out == "2B\n0B\n1.98MB\n"


def test_inspect_shows_a_list_and_fills_templates(cli: Cli, store: Store) -> None:
    result = cli("inspect", "base", "nosuch", "app:1")
    assert result.code == 1
    documents = json.loads(result.out)
    assert [document["Id"] for document in documents] == [full(store, "base"), full(store, "app:1")]
    assert result.out.startswith('[\n    {\n        "Id": "sha256:')
    assert cli("inspect", "-f", "{{.Id}} {{.Size}}", "base").out == f"{full(store, 'base')} 1982329\n"
    assert cli("inspect", "-f", "{{.Config.Env}}|{{.Config.Labels}}|{{json .Config.Labels}}", "app:1").out == (
        '[]|map[l:v]|{"l":"v"}\n'
    )
    assert cli("inspect", "nosuch").out == "[]\n"
    assert cli("inspect", "-f", "{{.Id}}", "nosuch").out == "\n"


def test_tag_and_rmi(cli: Cli, store: Store) -> None:
    identifier = full(store, "app:1")
    assert cli("tag", "app:1", "other/name:v2") == Result(0, "", "", b"")
    assert cli("rmi", "app:1").out == "Untagged: app:1\n"
    refused = cli("rmi", identifier)
    assert refused.code == 1
    assert "must be forced) - image is referenced in multiple repositories" in refused.err
    lines = cli("rmi", "-f", identifier[7:19]).out.splitlines()
    assert lines[:3] == ["Untagged: other/name:v2", "Untagged: team/app:2", f"Deleted: {identifier}"]
    assert [line.partition(":")[0] for line in lines[3:]] == ["Deleted"]
    assert cli("images", "-q").out == f"{short(store, 'base')}\n"


def test_rmi_does_what_it_can_of_several(cli: Cli, store: Store) -> None:
    with store.operation("run") as operation:
        image = operation.find("base")
        assert image is not None
        container = operation.add_container(image, name="web")
        operation.set_container_state(container, ContainerState.RUNNING)
        result = cli("rmi", "nosuch:1", "app:1", "base")
    assert result.code == 1
    assert result.out == "Untagged: app:1\n"
    assert [line.partition(" - ")[0] for line in result.err.splitlines()] == [
        "Error: No such image: nosuch:1",
        'Error: conflict: unable to remove repository reference "base" (must force)',
    ]


def test_save_and_load_through_files_and_pipes(cli: Cli, store: Store, tmp_path: Path) -> None:
    saved = cli("save", "app:1", "base").raw
    assert cli("save", "-o", tmp_path / "x.tar", "app:1", "base").code == 0
    assert (tmp_path / "x.tar").read_bytes() == saved
    assert cli("save", "-o", tmp_path / "x.tar.gz", "app:1").code == 0
    assert (tmp_path / "x.tar.gz").read_bytes()[:2] == b"\x1f\x8b"
    assert sorted(os.listdir(tmp_path)) == ["store", "x.tar", "x.tar.gz"]
    other = tmp_path / "other"
    assert cli("--root", other, "load", stdin=saved).out == "Loaded image: app:1\nLoaded image: base:latest\n"
    assert cli("--root", other, "load", "-i", tmp_path / "x.tar.gz").out == "Loaded image: app:1\n"
    assert cli("--root", other, "save", "app:1", "base").raw == saved
    assert cli("--root", other, "system", "check", "--full").code == 0


def test_a_save_that_fails_leaves_no_file(cli: Cli, store: Store, tmp_path: Path) -> None:
    assert cli("save", "-o", tmp_path / "x.tar", "nosuch").code == 1
    assert sorted(os.listdir(tmp_path)) == ["store"]


def test_load_says_what_lost_its_name_and_what_has_none(cli: Cli, root: Path) -> None:
    first, second = tar_of({"a": b"1"}), tar_of({"a": b"2"})
    cli("load", stdin=tar_of(docker_archive([first])))
    old = full(Store.open(root), "app:1")
    assert cli("load", stdin=tar_of(docker_archive([second]))).out == (
        f"The image app:1 already exists, renaming the old one with ID {old} to empty string\nLoaded image: app:1\n"
    )
    out = cli("load", stdin=tar_of(oci_layout(tar_of({"c": b"3"}), {}))).out
    assert out.startswith("Loaded image ID: sha256:")
    assert cli("images", "-f", "dangling=true", "-q").out.count("\n") == 2


def test_a_refused_archive_leaves_nothing(cli: Cli, root: Path) -> None:
    files = docker_archive([tar_of({"a": b"1"})])
    table = json.loads(files["manifest.json"])
    table[0]["Layers"] = ["../../etc/passwd"]
    result = cli("load", stdin=tar_of({**files, "manifest.json": json.dumps(table).encode()}))
    assert result.code == 1
    assert result.err == "dockerlang: archive: '../../etc/passwd' leads outside the archive\n"
    assert os.listdir(root / "blobs/sha256") == []


def test_import_makes_an_image_of_a_root(cli: Cli, root: Path, tmp_path: Path) -> None:
    (tmp_path / "root.tar").write_bytes(tar_of({"bin/": b"", "bin/x": b"12345"}))
    result = cli("import", "-c", 'CMD ["/bin/x"]', "-c", "ENV A=1", tmp_path / "root.tar", "base:1")
    assert result.code == 0
    assert result.out == f"{full(Store.open(root), 'base:1')}\n"
    assert cli("inspect", "-f", "{{.Config.Cmd}} {{.Config.Env}} {{.Size}}", "base:1").out == "[/bin/x] [A=1] 5\n"
    history = cli("history", "--format", "{{.Comment}} {{.Size}}", "base:1").out
    assert history == f"Imported from {tmp_path / 'root.tar'} 5B\n"
    assert cli("import", "-m", "by hand", "-", stdin=(tmp_path / "root.tar").read_bytes()).code == 0
    assert cli("images", "--format", "{{.Repository}}").out.splitlines() == ["<none>", "base"]


def test_system_check_says_what_is_wrong_and_repairs(cli: Cli, store: Store, root: Path) -> None:
    assert cli("system", "check").out == "2 images, 2 layers, 6 blobs: 0 problems\n"
    image = store.find("app:1")
    assert image is not None
    os.unlink(store.layout.blob(image.diff_ids[1]))
    found = cli("system", "check")
    assert found.code == 1
    assert f"blob {image.diff_ids[1]}: is missing" in found.out
    repaired = cli("system", "check", "--repair")
    assert repaired.code == 0
    assert repaired.out.endswith("1 images, 1 layers, 3 blobs: 0 problems\n")


@pytest.mark.parametrize("name", ["images", "rmi", "inspect", "history", "tag", "save", "load", "import", "system"])
def test_help_has_examples(cli: Cli, name: str) -> None:
    result = cli(name, "--help")
    assert result.code == 0
    assert f"Examples:\n    dockerlang {name}" in result.out


@pytest.mark.parametrize(("words", "message"), [(["save", "base"], "cowardly refusing"), (["load"], "stdin is empty")])
def test_terminals_are_refused(store: Store, words: list[str], message: str) -> None:
    ours, theirs = os.openpty()
    result = subprocess.run(
        [sys.executable, "-m", "dockerlang", *words], stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, check=False
    )
    os.close(ours)
    os.close(theirs)
    assert result.returncode == 1
    assert message in result.stderr.decode()


def test_a_layer_with_any_name_lists_and_saves(cli: Cli, root: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", errors="surrogateescape") as tar:
        tar.addfile(tarfile.TarInfo(os.fsdecode(b"bad\xff\nname")))
    assert cli("import", "-", "odd", stdin=out.getvalue()).code == 0
    saved = cli("save", "odd").raw
    assert cli("--root", root.parent / "other", "load", stdin=saved).code == 0
