"""docker's options about namespaces, files of variables, and those that are refused with a reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from dockerlang.cli.commands.run import command
from dockerlang.cli.running.files import FileOptions
from dockerlang.cli.session import Session
from dockerlang.containers import rights
from dockerlang.errors import DockerlangError, UsageError
from dockerlang.runtime.process import Namespace


def shared(hostname: str = "", **values: str) -> frozenset[Namespace]:
    return rights.host_namespaces(values, hostname=hostname)


def test_what_is_the_hosts_is_shared() -> None:
    assert shared(ipc="host", uts="host", cgroupns="host", userns="host") == frozenset(Namespace)
    assert shared(ipc="private", uts="", cgroupns="private", userns="", pid="") == frozenset()
    assert shared(ipc="shareable") == frozenset()


@pytest.mark.parametrize(
    "values",
    [
        {"ipc": "container:a"},
        {"ipc": "none"},
        {"uts": "private"},
        {"cgroupns": "x"},
        {"pid": "host"},
        {"pid": "container:a"},
        {"userns": "keep-id"},
    ],
)
def test_what_cannot_be_shared_is_named(values: dict[str, str]) -> None:
    (option, value), *_ = values.items()
    with pytest.raises(UsageError, match=re.escape(f"--{option} {value} is not supported")):
        shared(**values)


def test_the_hosts_name_is_not_changed() -> None:
    with pytest.raises(UsageError, match="--hostname"):
        shared("box", uts="host")
    assert shared("box", ipc="host") == {Namespace.IPC}


def test_shared_memory_has_no_parameters_of_its_own() -> None:
    with pytest.raises(UsageError, match="the host's shared memory"):
        rights.sysctl("kernel.shmmni=5", has_own_network=True, has_own_memory=False)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--gpus", "all"),
        ("--restart=always",),
        ("--health-cmd", "true"),
        ("-a", "stdout"),
        ("--attach=stderr",),
        ("--oom-kill-disable",),
        ("--log-driver", "none"),
        ("--network-alias", "x"),
    ],
)
def test_options_that_make_no_sense_here_are_refused_by_name(arguments: tuple[str, ...], tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [*arguments, "image"], obj=Session(root=tmp_path))
    assert isinstance(result.exception, DockerlangError)
    assert str(result.exception).startswith(f"{arguments[0].partition('=')[0]} is not supported: ")
    assert result.exception.exit_code == 125


def test_refused_options_are_not_offered() -> None:
    offered = CliRunner().invoke(command, ["--help"]).output
    assert "--gpus" not in offered
    assert "--ipc" in offered


# Files


def read(file: Path, text: str) -> tuple[str, ...]:
    file.write_text(text, "utf-8")
    return FileOptions((str(file),), (), "").variables()


def test_a_file_of_variables_is_taken_word_for_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_THE_CALLER", "here")
    monkeypatch.delenv("OF_NOBODY", raising=False)
    text = "\ufeff# comment\n\n  A=1 'two' \nB=x=y\r\nOF_THE_CALLER\nOF_NOBODY\n \t#C=1\nD=\n"
    assert read(tmp_path / "env", text) == ("A=1 'two' ", "B=x=y", "OF_THE_CALLER=here", "D=")


@pytest.mark.parametrize(
    ("text", "message"),
    [("A B=1", "line 1: the name 'A B' has blanks"), ("\n=1", "line 2: there is no name"), ("A =1", "blanks in it")],
)
def test_lines_that_are_no_variables(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        read(tmp_path / "env", text)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        FileOptions((str(tmp_path / "no"),), (), "").variables()
    (tmp_path / "bytes").write_bytes(b"A=\xff\n")
    with pytest.raises(UsageError, match="not UTF-8"):
        FileOptions((), (str(tmp_path / "bytes"),), "").labels()


def test_an_id_is_written_once(tmp_path: Path) -> None:
    options = FileOptions((), (), str(tmp_path / "id"))
    options.refuse_used()
    options.keep("abc")
    assert (tmp_path / "id").read_text() == "abc"
    with pytest.raises(UsageError, match="is there already"):
        options.refuse_used()
    with pytest.raises(UsageError, match="cannot write"):
        options.keep("def")
    FileOptions((), (), "").keep("abc")
