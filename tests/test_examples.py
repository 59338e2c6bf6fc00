"""The examples: without findings, in the style, and the demo goes through to its end."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dockerlang.config.dockerfiles import find_dockerfiles, read_source
from dockerlang.formatter import format_document
from dockerlang.linter import lint
from dockerlang.syntax import parse

EXAMPLES = Path(__file__).parents[1] / "examples"
DOCKERFILES = sorted(find_dockerfiles([str(EXAMPLES)]))


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: str(Path(path).relative_to(EXAMPLES)))
def test_a_dockerfile_has_no_findings_and_is_in_the_style(path: str) -> None:
    document = parse(read_source(path))
    assert lint(document) == ()
    assert format_document(document) == document.source.text


@pytest.mark.peer
def test_hadolint_agrees() -> None:
    hadolint = shutil.which("hadolint", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if hadolint is None and "CI" not in os.environ:
        pytest.skip("hadolint is not installed")
    assert hadolint is not None
    assert len(DOCKERFILES) > 1
    shown = subprocess.run([hadolint, *DOCKERFILES], capture_output=True, text=True, check=False)
    assert (shown.returncode, shown.stdout) == (0, "")


@pytest.mark.slow
@pytest.mark.namespaces
def test_the_demo_goes_through() -> None:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    shown = subprocess.run(
        [EXAMPLES / "demo.sh"],
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "<h1>It works</h1>" in shown.stdout
    assert "<footer>Version 2.0</footer>" in shown.stdout
    steps_of_base = 3
    assert shown.stderr.count(" CACHED\n") == shown.stderr.count(" DONE ") - steps_of_base > 0
    assert "Done in" in shown.stdout
