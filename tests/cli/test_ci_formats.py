"""What code hosts read: the parts of their formats that they ask for, as their documentation has them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_lint import dockerlang

TEXT = 'FROM debian\nADD "a,b:c%d" /a\nRUN sudo b | \\\n  c $x\nLABEL ä=1\n'
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "ci.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a b.dockerfile").write_text(TEXT)
    (tmp_path / "Dockerfile").write_text(TEXT)
    return tmp_path


def printed(output_format: str, folder: Path) -> str:
    return dockerlang("lint", "-f", output_format, ".", cwd=folder).stdout


def test_the_code_quality_report_of_gitlab(folder: Path) -> None:
    issues = json.loads(printed("gitlab_codeclimate", folder))
    assert issues
    for issue in issues:
        assert isinstance(issue["description"], str)
        assert isinstance(issue["check_name"], str)
        assert re.fullmatch(r"[0-9a-f]+", issue["fingerprint"])
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert not issue["location"]["path"].startswith(("/", "./"))
        assert issue["location"]["lines"]["begin"] >= 1
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)


def test_workflow_commands_of_github(folder: Path) -> None:
    lines = printed("github", folder).splitlines()
    assert lines
    for line in lines:
        match = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.+)", line)
        assert match is not None, line
        properties = dict(pair.split("=", 1) for pair in match[2].split(","))
        assert set(properties) == {"file", "line", "endLine", "col", "endColumn", "title"}
        assert int(properties["line"]) <= int(properties["endLine"])


def test_sarif_as_code_scanning_takes_it(folder: Path) -> None:
    log: dict[str, Any] = json.loads(printed("sarif", folder))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["defaultConfiguration"]["level"] in {"none", "note", "warning", "error"}
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"none", "note", "warning", "error"}
        assert result["message"]["text"]
        place = result["locations"][0]["physicalLocation"]
        assert " " not in place["artifactLocation"]["uri"]
        region = place["region"]
        assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])
        assert min(region["startLine"], region["startColumn"]) >= 1


def test_the_guide_names_formats_and_hooks_that_exist(folder: Path) -> None:
    text = GUIDE.read_text()
    for output_format in set(re.findall(r"--format ([a-z_]+)", text)):
        assert dockerlang("lint", "--exit-zero", "-f", output_format, ".", cwd=folder).returncode == 0
    hooks = (GUIDE.parents[1] / ".pre-commit-hooks.yaml").read_text()
    for hook in re.findall(r"- id: (\S+)", text):
        assert f"id: {hook}\n" in hooks
