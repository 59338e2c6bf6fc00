"""The hooks of `.pre-commit-hooks.yaml`, installed and run by the real pre-commit in a repository of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
CARELESS = "from debian:12\nrun a  \n"


def pre_commit() -> str:
    beside = Path(sys.executable).with_name("pre-commit")
    found = str(beside) if beside.exists() else shutil.which("pre-commit")
    if found is None or shutil.which("git") is None or not (REPOSITORY / ".git").exists():
        if os.environ.get("CI"):
            pytest.fail("pre-commit, git and a clone are needed")
        pytest.skip("pre-commit, git and a clone are needed")
    return found


def run(*command: str, cwd: Path, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PRE_COMMIT_HOME": str(home), "PRE_COMMIT_COLOR": "never"}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=environment)


@pytest.mark.slow
@pytest.mark.peer
def test_all_hooks_run_on_dockerfiles_alone(tmp_path: Path) -> None:
    program = pre_commit()
    project, home = tmp_path / "project", tmp_path / "home"
    project.mkdir()
    run("git", "init", "--quiet", cwd=project, home=home)
    (project / "Dockerfile").write_text(CARELESS)
    (project / "notes.md").write_text("FROM debian\n")
    run("git", "add", ".", cwd=project, home=home)
    result = run(program, "try-repo", str(REPOSITORY), "--all-files", cwd=project, home=home)
    assert result.returncode == 1, result.stdout + result.stderr
    assert (project / "Dockerfile").read_text() == "FROM debian:12\nRUN a\n"
    assert "formatted Dockerfile" in result.stdout
    assert "lint Dockerfiles" in result.stdout
    assert "check Dockerfiles" in result.stdout
    assert "notes.md" not in result.stdout

    (project / "Dockerfile").write_text("FROM debian\nRUN a\n")
    found = run(program, "try-repo", str(REPOSITORY), "dockerlang-lint", "--all-files", cwd=project, home=home)
    assert found.returncode == 1
    assert "warning[DL3006]" in found.stdout

    (project / "Dockerfile").write_text("FROM debian:12\nRUN a\n")
    clean = run(program, "try-repo", str(REPOSITORY), "--all-files", cwd=project, home=home)
    assert clean.returncode == 0, clean.stdout
