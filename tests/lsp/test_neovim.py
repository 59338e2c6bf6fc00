"""One session with a real editor."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.lsp.conftest import SERVER

NEOVIM = shutil.which("nvim")


@pytest.mark.peer
@pytest.mark.skipif(NEOVIM is None and not os.environ.get("CI"), reason="Neovim is not on PATH")
def test_neovim_shows_findings_and_formats(tmp_path: Path) -> None:
    assert NEOVIM is not None
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text("from scratch\nADD a b\n")
    result = tmp_path / "result.json"
    environment = {
        **os.environ,
        "DOCKERFILE": str(dockerfile),
        "RESULT": str(result),
        "SERVER": json.dumps(SERVER),
        "XDG_STATE_HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path),
    }
    script = Path(__file__).with_name("neovim.lua")
    done = subprocess.run(
        [NEOVIM, "--headless", "--clean", "-c", f"luafile {script}"],
        env=environment, timeout=60, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert result.exists(), done.stderr
    seen = json.loads(result.read_text())
    assert "failure" not in seen, seen
    assert "DL3020" in seen["codes"]
    assert seen["hover"].startswith("Begins a stage")
    assert seen["lines"][0] == "FROM scratch"
