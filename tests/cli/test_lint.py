"""`dockerlang lint` and `dockerlang rule` as a user calls them: formats, exit codes, fixes, bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BAD = "FROM debian\nRUN cd /a && sudo b\nADD a.txt /b\n"
GOOD = 'FROM debian:12\nCMD ["sh"]\n'


def dockerlang(
    *words: str | Path, stdin: str = "", cwd: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dockerlang", *map(str, words)]
    environment = {**os.environ, "NO_COLOR": "1", **(env or {})}
    return subprocess.run(command, input=stdin, capture_output=True, text=True, cwd=cwd, check=False, env=environment)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()  # so that no configuration above is taken
    (tmp_path / "Dockerfile").write_text(BAD)
    return tmp_path


def test_text_shows_the_place_and_what_to_do(folder: Path) -> None:
    result = dockerlang("lint", "--select", "DL3020,DL3004", "Dockerfile", cwd=folder)
    assert result.stdout == (
        "error[DL3004]: `sudo` has no place in a RUN\n"
        " --> Dockerfile:2:14\n"
        "  |\n"
        "2 | RUN cd /a && sudo b\n"
        "  |              ^^^^\n"
        "  |\n"
        "  = help: set USER root before and the old user after it; use `gosu` where a process is to drop rights\n"
        "  = fix: leave it out (--unsafe-fixes)\n"
        "\n"
        "error[DL3020]: COPY does the same and nothing else\n"
        " --> Dockerfile:3:1\n"
        "  |\n"
        "3 | ADD a.txt /b\n"
        "  | ^^^\n"
        "  |\n"
        "  = fix: use COPY (--fix)\n"
        "\n"
        "Found 2 errors in 1 file; 1 fixable with --fix; 1 more with --unsafe-fixes\n"
    )
    assert (result.returncode, result.stderr) == (1, "")


def test_json_has_the_fields_of_hadolint(folder: Path) -> None:
    result = dockerlang("lint", "-f", "json", "--select", "hadolint", "Dockerfile", cwd=folder)
    found = json.loads(result.stdout)
    assert [set(each) for each in found] == [{"line", "code", "message", "column", "file", "level"}] * len(found)
    assert [(each["code"], each["line"], each["column"], each["level"]) for each in found] == [
        ("DL3006", 1, 6, "warning"),
        ("DL3003", 2, 5, "warning"),
        ("DL3004", 2, 14, "error"),
        ("DL3020", 3, 1, "error"),
    ]
    assert {each["file"] for each in found} == {"Dockerfile"}


def test_nothing_found(folder: Path) -> None:
    (folder / "Dockerfile").write_text(GOOD)
    result = dockerlang("lint", cwd=folder)
    assert (result.returncode, result.stdout, result.stderr) == (0, "No problems found in 1 file\n", "")
    assert dockerlang("lint", "--format=json", cwd=folder).stdout == "[]\n"


def test_folders_are_searched(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "app.dockerfile").write_text(GOOD)
    (folder / "sub" / "Containerfile.dev").write_text("FROM alpine\n")
    (folder / "sub" / "notes.txt").write_text(BAD)
    found = json.loads(dockerlang("lint", "-f", "json", "--select", "DL3006", cwd=folder).stdout)
    assert [each["file"] for each in found] == ["Dockerfile", "sub/Containerfile.dev"]


def test_standard_input(folder: Path) -> None:
    found = json.loads(dockerlang("lint", "-f", "json", "--select", "DL3006", "-", stdin=BAD, cwd=folder).stdout)
    assert [(each["file"], each["line"]) for each in found] == [("-", 1)]


def test_the_threshold_decides_about_the_exit_code(folder: Path) -> None:
    (folder / "Dockerfile").write_text("FROM debian\n")
    for threshold, code in (("error", 0), ("warning", 1), ("info", 1), ("style", 1), ("ignore", 0), ("none", 0)):
        result = dockerlang("lint", "--failure-threshold", threshold, cwd=folder)
        assert (threshold, result.returncode) == (threshold, code)
        assert "DL3006" in result.stdout


def test_codes_names_and_families_are_ignored_and_selected(folder: Path) -> None:
    def codes(*words: str) -> set[str]:
        found = json.loads(dockerlang("lint", "-f", "json", *words, cwd=folder).stdout)
        return {each["code"] for each in found}

    assert codes() >= {"DL3006", "DL3020", "DL3003", "DL3004"}
    assert codes("--ignore", "dl3006,add-instead-of-copy", "--ignore", "DL9999") == codes() - {"DL3006", "DL3020"}
    assert codes("--select", "buildkit") == set()
    assert codes("--select", "hadolint", "--ignore", "DL3003") == {"DL3006", "DL3020", "DL3004"}


def test_fix_writes_the_file_and_keeps_its_mode(folder: Path) -> None:
    path = folder / "Dockerfile"
    path.chmod(0o640)
    result = dockerlang("lint", "--fix", cwd=folder)
    assert path.read_text() == BAD.replace("ADD", "COPY")
    assert path.stat().st_mode & 0o777 == 0o640
    assert "DL3020" not in result.stdout
    assert result.stdout.splitlines()[-1].startswith("Fixed 1 problem. Found 1 error")
    assert result.returncode == 1
    dockerlang("lint", "--unsafe-fixes", cwd=folder)
    assert path.read_text() == BAD.replace("ADD", "COPY").replace("sudo ", "")


def test_fixed_standard_input_goes_to_standard_output(folder: Path) -> None:
    result = dockerlang("lint", "--fix", "--select", "DL3020,DL3006", "-", stdin=BAD, cwd=folder)
    assert result.stdout == BAD.replace("ADD", "COPY")
    assert "DL3006" in result.stderr
    assert result.returncode == 1


def test_a_file_that_may_not_be_written_is_named(folder: Path) -> None:
    if os.geteuid() == 0:
        (folder / "Dockerfile").unlink()
        (folder / "Dockerfile").symlink_to("/proc/self/nothing")
        result = dockerlang("lint", "--fix", "Dockerfile", cwd=folder)
    else:
        (folder / "Dockerfile").chmod(0o444)
        result = dockerlang("lint", "--fix", "Dockerfile", cwd=folder)
    assert result.returncode == 2
    assert result.stderr.startswith("dockerlang: cannot ")


def test_configuration_is_found_and_can_be_named(folder: Path) -> None:
    (folder / ".hadolint.yaml").write_text("ignored: [DL3006]\nfailure-threshold: error\nformat: json\n")
    (folder / "other.yaml").write_text("no-fail: true\n")
    (folder / "Dockerfile").write_text("FROM debian\n")
    assert dockerlang("lint", cwd=folder).stdout == "[]\n"
    named = dockerlang("lint", "--config", "other.yaml", cwd=folder)
    assert "DL3006" in named.stdout
    assert named.returncode == 0


def test_a_broken_configuration_is_one_line(folder: Path) -> None:
    (folder / ".hadolint.yaml").write_text("ignored: DL3006\n")
    result = dockerlang("lint", cwd=folder)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("dockerlang: ")
    assert "`ignored` should be a list of words" in result.stderr


def test_one_file_that_cannot_be_read_does_not_stop_the_others(folder: Path) -> None:
    (folder / "binary.dockerfile").write_bytes(bytes(range(256)) * 20)
    result = dockerlang("lint", "-f", "json", "--select", "DL3006", "missing", ".", cwd=folder)
    assert result.returncode == 2
    assert [each["file"] for each in json.loads(result.stdout)] == ["Dockerfile"]
    assert result.stderr.splitlines() == [
        "dockerlang: cannot read missing: no such file or directory",
        "dockerlang: cannot lint binary.dockerfile: it is a binary file",
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"\xef\xbb\xbf",
        b"FROM a\nRUN \xff\xfe $x\nLABEL \xe4=1\n",
        b"FROM a\nRUN echo " + b"x" * 10_000_000,
        b"FROM a\nRUN " + b"a && " * 30_000 + b"b\n",
        b"FROM a AS b\nCOPY --from=c x /x\nFROM b AS c\nCOPY --from=b x /x\n",
        b"\\\n" * 5000,
        b"FROM a\nRUN <<E\n",
        b"\x1b]0;title\x07FROM a\nENV \x1b[31m=1\n",
    ],
    ids=["empty", "blank", "mark", "bytes", "long", "many", "circle", "escapes", "open", "control"],
)
@pytest.mark.parametrize("output_format", ["text", "json", "sarif", "github"])
def test_bad_input_gives_findings_and_no_traceback(tmp_path: Path, data: bytes, output_format: str) -> None:
    path = tmp_path / "Dockerfile"
    path.write_bytes(data)
    result = dockerlang("lint", "-f", output_format, path)
    assert result.returncode == 1
    assert result.stderr == ""
    assert "Traceback" not in result.stdout
    assert "\x1b" not in result.stdout
    if output_format in ("json", "sarif"):
        json.loads(result.stdout)


def test_without_shellcheck_there_is_one_note(folder: Path) -> None:
    script = (
        "import dockerlang.linter.shellcheck_program as module, sys\n"
        "module.find_program = lambda: None\n"
        "sys.argv = ['dockerlang', 'lint', '--select', 'DL3006', 'Dockerfile']\n"
        "from dockerlang.cli.main import main\nmain()\n"
    )
    result = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr.startswith("dockerlang: ShellCheck was not found")
    assert len(result.stderr.splitlines()) == 1
    assert dockerlang("lint", "--no-shellcheck", cwd=folder).stderr == ""


def test_shellcheck_is_part_of_a_run(folder: Path) -> None:
    (folder / "Dockerfile").write_text("FROM debian:12\nRUN echo $x\n")
    with_it = json.loads(dockerlang("lint", "-f", "json", cwd=folder).stdout)
    assert {each["code"] for each in with_it} == {"SC2086", "SC2154"}
    assert dockerlang("lint", "-f", "json", "--no-shellcheck", cwd=folder).stdout == "[]\n"
    assert dockerlang("lint", "-f", "json", "--ignore", "shellcheck", cwd=folder).stdout == "[]\n"


def test_the_ignore_file_beside_the_dockerfile_is_read(folder: Path) -> None:
    (folder / ".dockerignore").write_text("# ours\n\ndist\n")
    (folder / "Dockerfile").write_text('FROM debian:12\nCOPY dist/app /app\nCMD ["/app"]\n')
    result = dockerlang("lint", cwd=folder)
    assert "warning[CopyIgnoredFile]: `dist/app` is not in the build context" in result.stdout
    assert "^^^^^^^^ hidden by `.dockerignore`, line 3: `dist`" in result.stdout


def test_sarif_is_what_the_standard_asks_for(folder: Path) -> None:
    (folder / "a b.dockerfile").write_text(BAD)
    result = dockerlang("lint", "-f", "sarif", cwd=folder)
    log = json.loads(result.stdout)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "dockerlang"
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(set(ids)) == len(ids)
    for rule in driver["rules"]:
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    assert {"DL3020", "DL3006"} <= set(ids)
    uris = set()
    for found in run["results"]:
        assert ids[found["ruleIndex"]] == found["ruleId"]
        assert found["message"]["text"]
        (location,) = found["locations"]
        physical = location["physicalLocation"]
        uris.add(physical["artifactLocation"]["uri"])
        region = physical["region"]
        assert 1 <= region["startLine"] <= region["endLine"]
        assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])
    assert uris == {"Dockerfile", "a%20b.dockerfile"}
    add = next(found for found in run["results"] if found["ruleId"] == "DL3020")
    (change,) = add["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 3, "startColumn": 1, "endLine": 3, "endColumn": 4},
            "insertedContent": {"text": "COPY"},
        }
    ]


def test_github_gets_workflow_commands(folder: Path) -> None:
    result = dockerlang("lint", "-f", "github", "--select", "DL3020", "Dockerfile", cwd=folder)
    assert result.stdout == (
        "::error file=Dockerfile,line=3,endLine=3,col=1,endColumn=4,title=DL3020::COPY does the same and nothing else\n"
    )


def test_plain_output_needs_no_rich(folder: Path) -> None:
    script = (
        "import sys\nsys.argv = ['dockerlang', 'lint', '--no-shellcheck', 'Dockerfile']\n"
        "from dockerlang.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('heavy:', sorted({'rich', 'lsprotocol', 'yaml', 'tree_sitter'} & set(sys.modules)))\n"
    )
    (folder / "Dockerfile").write_text("FROM debian\nCMD a\n")
    result = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    assert result.stdout.splitlines()[-1] == "heavy: []"


def test_a_rule_is_explained() -> None:
    by_code, by_name = dockerlang("rule", "dl3020"), dockerlang("rule", "add-instead-of-copy")
    assert by_code.stdout == by_name.stdout
    assert by_code.stdout.startswith("DL3020 (add-instead-of-copy), error\n\nUse COPY where ADD does nothing more.\n")
    listed = dockerlang("rule").stdout.splitlines()
    assert any(line.split()[:3] == ["DL3020", "error", "fix"] for line in listed)
    unknown = dockerlang("rule", "DL9999")
    assert unknown.returncode == 1
    assert unknown.stderr.startswith("dockerlang: there is no rule DL9999")


def test_usage_errors_end_with_two() -> None:
    assert dockerlang("lint", "--nonsense").returncode == 2
    assert dockerlang("lint", "-f", "xml").returncode == 2
