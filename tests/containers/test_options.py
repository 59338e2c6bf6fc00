from __future__ import annotations

from pathlib import Path

import pytest

from dockerlang.containers.options import VolumeMount, parse_environment, parse_mount, parse_tmpfs, parse_volume
from dockerlang.errors import UsageError
from dockerlang.runtime.process import Access, Bind, Tmpfs


@pytest.mark.parametrize(
    ("text", "volume"),
    [
        ("/host:/in", Bind("/in", Path("/host"), Access.WRITE)),
        ("/host:/in:ro", Bind("/in", Path("/host"), Access.READ_ONLY)),
        ("/host:/in:rw,z", Bind("/in", Path("/host"), Access.WRITE)),
        ("./sub:/in", Bind("/in", Path.cwd() / "sub", Access.WRITE)),
        ("/only", VolumeMount("/only")),
        ("named:/data", VolumeMount("/data", "named")),
        ("named:/data:ro", VolumeMount("/data", "named", Access.READ_ONLY)),
        ("named:/data:nocopy", VolumeMount("/data", "named", Access.WRITE, copies_content=False)),
    ],
)
def test_volumes(text: str, volume: Bind | VolumeMount) -> None:
    assert parse_volume(text) == volume


@pytest.mark.parametrize("text", ["", "relative", "/a:relative", "/a:/", "/a:/b:xx", "/a:/b:ro:rw", ":/b"])
def test_volumes_that_cannot_be(text: str) -> None:
    with pytest.raises(UsageError):
        parse_volume(text)


@pytest.mark.parametrize(
    ("text", "tmpfs"),
    [
        ("/t", Tmpfs("/t")),
        ("/t:size=64m,mode=700", Tmpfs("/t", 64 << 20, 0o700)),
        ("/t:size=10,nosuid", Tmpfs("/t", 10)),
        ("/t:size=2G", Tmpfs("/t", 2 << 30)),
    ],
)
def test_tmpfs(text: str, tmpfs: Tmpfs) -> None:
    assert parse_tmpfs(text) == tmpfs


@pytest.mark.parametrize("text", ["t", "/", "/t:size=x", "/t:mode=9", "/t:exec", "/t:uid=5"])
def test_tmpfs_that_cannot_be(text: str) -> None:
    with pytest.raises(UsageError):
        parse_tmpfs(text)


def test_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERE", "value")
    monkeypatch.delenv("GONE", raising=False)
    assert parse_environment("A=b=c") == "A=b=c"
    assert parse_environment("A=") == "A="
    assert parse_environment("HERE") == "HERE=value"
    assert parse_environment("GONE") is None
    with pytest.raises(UsageError):
        parse_environment("=x")


@pytest.mark.parametrize(
    ("text", "mount"),
    [
        ("target=/v", VolumeMount("/v")),
        ("type=volume,source=data,target=/v,readonly", VolumeMount("/v", "data", Access.READ_ONLY)),
        ("type=volume,src=data,dst=/v,volume-nocopy", VolumeMount("/v", "data", copies_content=False)),
        ("type=bind,source=/,destination=/host,ro=true", Bind("/host", Path("/"), Access.READ_ONLY)),
        ("type=bind,source=/,destination=/host,ro=false", Bind("/host", Path("/"), Access.WRITE)),
        ("type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=700", Tmpfs("/t", 1 << 20, 0o700)),
    ],
)
def test_mounts(text: str, mount: Bind | VolumeMount | Tmpfs) -> None:
    assert parse_mount(text) == mount


@pytest.mark.parametrize(
    "text",
    [
        "",
        "type=volume",
        "type=bind,target=/x",
        "type=bind,source=/no/such,target=/x",
        "type=tmpfs,source=/x,target=/x",
        "type=magic,target=/x",
        "target=/x,colour=red",
        "target=/x,readonly=maybe",
        "target",
    ],
)
def test_mounts_that_cannot_be(text: str) -> None:
    with pytest.raises(UsageError):
        parse_mount(text)
