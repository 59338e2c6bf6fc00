"""What is remembered between runs: found again, never wrong, lost without harm, and nobody else's."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from dockerlang.linter import lint
from dockerlang.linter.cache import FILE_NAME, ResultCache, cache_directory
from dockerlang.linter.shellcheck import ShellCheck
from dockerlang.linter.stored_findings import FileFindings, from_bytes, to_bytes
from dockerlang.linter.twins import without_twins
from dockerlang.syntax import parse


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_what_was_put_is_found_by_another(home: Path) -> None:
    first, second = ResultCache.of_user(), ResultCache.of_user()
    assert first is not None
    assert second is not None
    first.put_many({b"a": b"1", b"b": b"2"})
    second.put_many({b"c": b"3"})
    assert first.get_many([b"a", b"c", b"d"]) == {b"a": b"1", b"c": b"3"}
    assert (home / "dockerlang").stat().st_mode & 0o777 == 0o700
    first.clear()
    assert first.get_many([b"a"]) == {}


def test_many_keys_at_once(home: Path) -> None:
    cache = ResultCache.of_user()
    assert cache is not None
    values = {str(number).encode(): b"x" for number in range(3000)}
    cache.put_many(values)
    assert cache.get_many(list(values)) == values


def test_the_oldest_half_goes_when_it_grows(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path / "cache", maximum_bytes=200_000)
    for number in range(100):
        cache.put_many({str(number).encode(): os.urandom(10_000)})
    assert os.path.getsize(cache.path) < 500_000
    assert cache.get_many([b"0"]) == {}
    assert cache.get_many([b"99"])


@pytest.mark.parametrize("content", [b"nonsense" * 1000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cache"
    path.write_bytes(content)
    cache = ResultCache(path)
    assert cache.get_many([b"a"]) == {}
    cache.put_many({b"a": b"1"})
    assert cache.get_many([b"a"]) == {b"a": b"1"}


def test_a_locked_file_keeps_nobody_waiting_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dockerlang.linter.cache._SECONDS_TO_WAIT", 0.01)
    cache = ResultCache(tmp_path / "cache")
    cache.put_many({b"a": b"1"})
    other = sqlite3.connect(cache.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert cache.get_many([b"a"]) == {}
    other.execute("ROLLBACK")
    other.close()
    assert cache.get_many([b"a"]) == {b"a": b"1"}


def test_files_that_others_may_write_are_not_read(home: Path) -> None:
    cache = ResultCache.of_user()
    assert cache is not None
    cache.put_many({b"a": b"1"})
    cache.close()
    (home / "dockerlang" / FILE_NAME).chmod(0o666)
    assert cache.get_many([b"a"]) == {}
    (home / "dockerlang").chmod(0o777)
    assert cache_directory() is None


def test_a_link_to_another_directory_is_not_followed(home: Path) -> None:
    (home / "elsewhere").mkdir()
    (home / "dockerlang").symlink_to(home / "elsewhere")
    assert cache_directory() is None


def test_findings_survive_as_bytes() -> None:
    text = 'FROM debian\nMAINTAINER ada\nCOPY a a\nRUN echo "\udcff" && cd /a\nCMD a\nSHELL ["a"]\nCMD b\n'
    found = lint(parse(text))
    findings = FileFindings(found, without_twins(found))
    assert findings.shown != findings.diagnostics
    assert from_bytes(to_bytes(findings)) == findings


@pytest.mark.parametrize("data", [b"", b"{}x", b"[[1]]", b"[1]", b"3"])
def test_other_bytes_are_no_findings(data: bytes) -> None:
    with pytest.raises(ValueError):
        from_bytes(data)


def test_a_script_is_checked_once(tmp_path: Path) -> None:
    found = ShellCheck.find()
    assert found is not None
    counter = tmp_path / "count"
    program = tmp_path / "shellcheck"
    program.write_text(f'#!/bin/sh\necho x >> {counter}\nexec {found.program} "$@"\n')
    program.chmod(0o755)
    checker = ShellCheck(str(program), ResultCache(tmp_path / "cache"))
    first = lint(parse("FROM a:1\nRUN echo $x\n"), checker=checker)
    again = lint(parse("FROM a:1\n\nRUN echo $x\n"), checker=checker)
    assert counter.read_text() == "x\n"
    assert [each.code for each in first] == [each.code for each in again]
    assert [each.span.shift(1) for each in first if each.code == "SC2086"] == [
        each.span for each in again if each.code == "SC2086"
    ]
