"""The wheel, built and installed into an empty environment: both commands start, and the grammar is inside."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from dockerlang import __version__

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment that holds the wheel and what it depends on, nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "--quiet", str(wheel)], check=True)
    return folder / "bin"


def test_the_wheel_holds_the_packages_and_the_grammar_only(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {"dockerlang/grammar/dockerfile.lark", "dockerlang/grammar/words.lark", "dockerlang/py.typed"} <= set(names)
    top = {name.split("/")[0] for name in names}
    assert top == {"dockerlang", "dockerlang_lsp", f"dockerlang-{__version__}.dist-info"}


@pytest.mark.parametrize("command", [["dockerlang"], ["python", "-m", "dockerlang"]])
def test_both_ways_to_start(environment: Path, tmp_path: Path, command: list[str]) -> None:
    shown = subprocess.run(
        [environment / command[0], *command[1:], "--version"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip().endswith(__version__)


def test_a_file_is_parsed_with_the_installed_grammar(environment: Path, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text('FROM scratch AS x\nCMD ["a"]\n')
    shown = subprocess.run(
        [environment / "dockerlang", "parse", "Dockerfile"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert 'stage "x" 1:17-1:18' in shown.stdout
    located = subprocess.run(
        [environment / "python", "-c", "from dockerlang.syntax import tables; print(tables.grammar_directory())"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(located.stdout.strip()).is_relative_to(environment.parent)


def test_the_language_server_is_installed(environment: Path) -> None:
    end = subprocess.run(
        [environment / "dockerlang-lsp"], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
    )
    assert b"Traceback" not in end.stderr
