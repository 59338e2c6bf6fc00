"""Image configurations: what is read, kept and written."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlang.errors import InputError, LimitError
from dockerlang.oci.config import (
    CONFIG_LIMIT,
    ContainerConfig,
    Healthcheck,
    History,
    ImageConfig,
    layer_history,
    parse_config,
)
from dockerlang.oci.digest import sha256_of

LAYER = sha256_of(b"layer")
FULL = ImageConfig(
    architecture="arm64",
    os="linux",
    variant="v8",
    author="someone",
    created="2024-05-06T07:08:09.123456789Z",
    config=ContainerConfig(
        user="1000:1000",
        exposed_ports=("443/tcp", "53/udp"),
        env=("PATH=/bin", "EMPTY="),
        entrypoint=("/bin/sh", "-c"),
        cmd=("echo <&>",),
        volumes=("/data",),
        working_dir="/app",
        labels={"a": "1", "b": "ü"},
        stop_signal="SIGINT",
        args_escaped=True,
        healthcheck=Healthcheck(("CMD-SHELL", "true"), interval=5_000_000_000, retries=2),
        on_build=("RUN true",),
        shell=("/bin/bash", "-c"),
    ),
    diff_ids=(LAYER,),
    history=(History(created_by="COPY . . # buildkit", comment="c"), History(created_by="ENV", empty_layer=True)),
)


def test_the_bytes_are_those_that_buildkit_writes() -> None:
    assert FULL.to_bytes().decode() == (
        '{"architecture":"arm64","author":"someone","config":{"User":"1000:1000",'
        '"ExposedPorts":{"443/tcp":{},"53/udp":{}},"Env":["PATH=/bin","EMPTY="],"Entrypoint":["/bin/sh","-c"],'
        '"Cmd":["echo \\u003c\\u0026\\u003e"],"Volumes":{"/data":{}},"WorkingDir":"/app","Labels":{"a":"1","b":"ü"},'
        '"StopSignal":"SIGINT","ArgsEscaped":true,"Healthcheck":{"Test":["CMD-SHELL","true"],"Interval":5000000000,'
        '"Retries":2},"OnBuild":["RUN true"],"Shell":["/bin/bash","-c"]},'
        '"created":"2024-05-06T07:08:09.123456789Z","history":[{"created_by":"COPY . . # buildkit","comment":"c"},'
        '{"created_by":"ENV","empty_layer":true}],"os":"linux",'
        f'"rootfs":{{"type":"layers","diff_ids":["{LAYER}"]}},"variant":"v8"}}'
    )


def test_an_empty_image_still_has_a_list_of_layers() -> None:
    assert ImageConfig("amd64", "linux").to_bytes() == (
        b'{"architecture":"amd64","config":{},"os":"linux","rootfs":{"type":"layers","diff_ids":[]}}'
    )


def test_writing_and_reading_gives_the_same() -> None:
    assert parse_config(FULL.to_bytes()) == FULL
    assert str(FULL.platform) == "linux/arm64/v8"


def test_null_means_absent_everywhere() -> None:
    document = {
        "architecture": "amd64",
        "os": "linux",
        "created": None,
        "author": None,
        "config": dict.fromkeys(("User", "Env", "Entrypoint", "Cmd", "Volumes", "Labels", "Healthcheck")),
        "rootfs": {"type": "layers", "diff_ids": None},
        "history": None,
    }
    assert parse_config(json.dumps(document).encode()) == ImageConfig("amd64", "linux")
    assert parse_config(json.dumps(document | {"config": None}).encode()) == ImageConfig("amd64", "linux")


def test_null_inside_a_list_or_mapping_is_an_empty_string() -> None:
    document = b'{"architecture":"a","os":"o","config":{"Cmd":[null],"Labels":{"a":null}},"rootfs":{}}'
    container = parse_config(document).config
    assert (container.cmd, container.labels) == (("",), {"a": ""})


def test_reading_names_and_configs_loads_nothing_heavy() -> None:
    program = "import sys, dockerlang.oci.config, dockerlang.oci.reference; print(*sys.modules)"
    loaded = set(subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout.split())
    heavy = {b"lark", b"click", b"rich", b"isal", b"tarfile", b"lzma", b"zlib", b"sqlite3", b"subprocess", b"asyncio"}
    assert b"dockerlang.oci.config" in loaded
    assert not loaded & heavy


def test_an_empty_command_is_not_an_absent_one_in_memory() -> None:
    document = b'{"architecture":"a","os":"o","config":{"Cmd":[]},"rootfs":{"type":"layers","diff_ids":[]}}'
    assert parse_config(document).config.cmd == ()
    assert parse_config(parse_config(document).to_bytes()).config.cmd is None


def test_unknown_fields_survive_a_change() -> None:
    document = {
        "architecture": "amd64",
        "config": {"Env": ["A=1"], "Hostname": "h", "Healthcheck": {"Test": ["NONE"], "New": 1}},
        "docker_version": "20.10",
        "history": [{"created_by": "x", "note": "kept"}],
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [str(LAYER)]},
    }
    config = parse_config(json.dumps(document).encode())
    assert json.loads(replace(config, author="me").to_bytes()) == document | {"author": "me"}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"", "not valid JSON"),
        (b"[]", "not a JSON object"),
        (b"\xff", "not UTF-8"),
        (b'{"os":"a","os":"b","rootfs":{}}', "'os' stands twice"),
        (b'{"config":{"Env":[],"Env":[]},"rootfs":{}}', "'Env' stands twice"),
        (b'{"os":NaN}', "no number of JSON"),
        (b'{"later":1e999}', "no number of JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"os":"linux"}', "rootfs must be there"),
        (b'{"rootfs":{"type":"tar"}}', "rootfs: type must be 'layers'"),
        (b'{"rootfs":{"diff_ids":["sha256:1"]}}', "not a digest"),
        (b'{"rootfs":{},"os":1}', "os must be a string"),
        (b'{"rootfs":{},"config":[]}', "config: must be an object"),
        (b'{"rootfs":{},"config":{"Env":"A=1"}}', "config: Env must be a list of strings"),
        (b'{"rootfs":{},"config":{"Labels":{"a":1}}}', "Labels must be an object with strings"),
        (b'{"rootfs":{},"config":{"Healthcheck":{"Interval":1.5}}}', "Interval must be a whole number"),
        (b'{"rootfs":{},"history":[{"empty_layer":"yes"}]}', r"history\[0\]: empty_layer must be true or false"),
    ],
)
def test_what_is_no_configuration_is_refused_by_name(document: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_config(document)


def test_a_configuration_has_a_limit() -> None:
    with pytest.raises(LimitError, match=r"image config: .* bytes are more"):
        parse_config(b" " * (CONFIG_LIMIT + 1))


def test_history_is_matched_with_layers_without_trusting_its_length() -> None:
    steps = [step and step.created_by for step in layer_history(replace(FULL, diff_ids=(LAYER, LAYER)))]
    assert steps == ["COPY . . # buildkit", None]
    assert layer_history(replace(FULL, diff_ids=())) == ()
    assert layer_history(replace(FULL, history=())) == (None,)


_TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
_TEXTS = st.lists(_TEXT, max_size=3).map(tuple)


@given(
    st.builds(
        ContainerConfig,
        user=_TEXT,
        env=_TEXTS,
        entrypoint=st.none() | st.lists(_TEXT, min_size=1, max_size=3).map(tuple),
        exposed_ports=st.sets(_TEXT, max_size=3).map(lambda names: tuple(sorted(names))),
        labels=st.dictionaries(_TEXT, _TEXT, max_size=3),
        args_escaped=st.booleans(),
        healthcheck=st.none() | st.builds(Healthcheck, test=_TEXTS, interval=st.integers(0, 2**63 - 1)),
    )
)
def test_any_configuration_is_read_back(container: ContainerConfig) -> None:
    config = ImageConfig("amd64", "linux", config=container, diff_ids=(LAYER,))
    assert parse_config(config.to_bytes()) == config
    assert parse_config(config.to_bytes()).to_bytes() == config.to_bytes()


def test_bytes_that_are_no_text_are_written_as_go_writes_them() -> None:
    config = ImageConfig("amd64", "linux", config=ContainerConfig(env=("A=\udcff\u2028",)))
    assert b'"A=\xef\xbf\xbd\\u2028"' in config.to_bytes()
