"""`dockerlang format` and `dockerlang parse` as a user calls them: files, folders, exit codes."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

CARELESS = b"from a as b\nrun x   \n"
FORMATTED = b"FROM a AS b\nRUN x\n"


def dockerlang(*words: str | Path, stdin: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "dockerlang", *map(str, words)]
    return subprocess.run(command, input=stdin, capture_output=True, cwd=cwd, check=False)


def test_a_file_is_rewritten_in_place(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_bytes(CARELESS)
    path.chmod(0o640)
    result = dockerlang("format", path)
    assert (result.returncode, result.stdout) == (0, b"")
    assert f"formatted {path}\nformatted 1 of 1 file\n" == result.stderr.decode()
    assert path.read_bytes() == FORMATTED
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [entry.name for entry in tmp_path.iterdir()] == ["Dockerfile"]
    assert dockerlang("format", path).stderr == b"1 file left unchanged\n"


def test_a_formatted_file_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_bytes(FORMATTED)
    before = path.stat()
    dockerlang("format", path)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(CARELESS)
    (tmp_path / "Dockerfile").symlink_to("real")
    assert dockerlang("format", tmp_path / "Dockerfile").returncode == 0
    assert os.readlink(tmp_path / "Dockerfile") == "real"
    assert (tmp_path / "real").read_bytes() == FORMATTED


def test_check_names_the_files_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_bytes(CARELESS)
    (tmp_path / "good.dockerfile").write_bytes(FORMATTED)
    result = dockerlang("format", "--check", ".", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (1, b"")
    assert result.stderr == b"would format Dockerfile\nwould format 1 of 2 files\n"
    assert (tmp_path / "Dockerfile").read_bytes() == CARELESS
    assert dockerlang("format", "--check", tmp_path / "good.dockerfile").returncode == 0


def test_diff_shows_the_change_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_bytes(CARELESS.rstrip())
    result = dockerlang("format", "--diff", "Dockerfile", cwd=tmp_path)
    assert result.returncode == 0
    assert result.stdout.splitlines() == [
        b"--- Dockerfile",
        b"+++ Dockerfile (formatted)",
        b"@@ -1,2 +1,2 @@",
        b"-from a as b",
        b"-run x",
        b"\\ No newline at end of file",
        b"+FROM a AS b",
        b"+RUN x",
    ]
    assert (tmp_path / "Dockerfile").read_bytes() == CARELESS.rstrip()
    assert dockerlang("format", "--check", "--diff", "Dockerfile", cwd=tmp_path).returncode == 1


def test_standard_input_goes_to_standard_output() -> None:
    result = dockerlang("format", "-", stdin=CARELESS + b"# \xff\xe9\n")
    assert (result.returncode, result.stdout, result.stderr) == (0, FORMATTED + b"# \xff\xe9\n", b"")
    result = dockerlang("format", "--check", "-", stdin=CARELESS)
    assert (result.returncode, result.stdout) == (1, b"")


def test_options_reach_the_printer() -> None:
    text = b"FROM a\nRUN b && \\\n    c\nENV A=1 \\\n  B=2\n"
    result = dockerlang("format", "--keyword-case=lower", "--indent=2", "--tabs", "--keep-shell", "-", stdin=text)
    assert result.stdout == b"from a\nrun b && \\\n    c\nenv A=1 \\\n\tB=2\n"


def test_a_folder_is_searched(tmp_path: Path) -> None:
    found = ["Dockerfile", "a/Dockerfile.dev", "a/b/app.dockerfile", "a/Containerfile"]
    passed_over = [
        "README.md",
        "Dockerfile.dockerignore",
        ".git/Dockerfile",
        "node_modules/x/Dockerfile",
        "a/Dockerfile.md",
    ]
    for name in (*found, *passed_over):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(CARELESS)
    (tmp_path / "loop").symlink_to(".")
    assert dockerlang("format", cwd=tmp_path).returncode == 0
    assert [name for name in (*found, *passed_over) if (tmp_path / name).read_bytes() == FORMATTED] == found


def test_what_cannot_be_read_ends_with_two(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_bytes(CARELESS)
    (tmp_path / "binary").write_bytes(b"\x7fELF\0\1")
    missing = dockerlang("format", "Dockerfile", "missing", cwd=tmp_path)
    assert (missing.returncode, missing.stderr) == (2, b"dockerlang: cannot read missing: no such file or directory\n")
    assert (tmp_path / "Dockerfile").read_bytes() == CARELESS, "nothing is done where a path is wrong"
    binary = dockerlang("format", "binary", "Dockerfile", cwd=tmp_path)
    assert binary.returncode == 2
    assert b"cannot format binary: it is a binary file\n" in binary.stderr
    assert (tmp_path / "Dockerfile").read_bytes() == FORMATTED
    assert (tmp_path / "binary").read_bytes() == b"\x7fELF\0\1"
    assert dockerlang("format", "--indent=0", "-").returncode == 2


def test_parse_prints_the_tree(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_bytes(b"FROM a\n\nWORKDIR /$A\n")
    result = dockerlang("parse", "Dockerfile", cwd=tmp_path)
    assert result.returncode == 0
    assert result.stdout.decode().splitlines() == [
        "From 1:1-2:1",
        '  keyword "FROM" 1:1-1:5',
        '  image "a" 1:6-1:7',
        "Workdir 3:1-4:1",
        '  keyword "WORKDIR" 3:1-3:8',
        '  path "/$A" 3:9-3:12',
        '    Literal text="/" 3:9-3:10',
        '    Variable name="A" 3:10-3:12',
    ]


def test_parse_prints_json() -> None:
    result = dockerlang("parse", "--format", "json", "-", stdin="# é\nFROM 😀x\n".encode())
    tree = json.loads(result.stdout)
    assert [item["kind"] for item in tree["items"]] == ["Comment", "From"]
    assert tree["items"][1]["image"]["span"] == {
        "start": {"offset": 9, "line": 2, "column": 6},
        "end": {"offset": 11, "line": 2, "column": 8},
    }


def test_parse_of_what_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        result = dockerlang("parse", path)
        assert result.returncode == 2
        assert result.stderr.startswith(b"dockerlang: cannot read ")
        assert result.stdout == b""
