"""Git repositories on disk that have an address on the web: git itself rewrites it, so nothing leaves this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

HOST = "https://git.example.org"
needs_git = pytest.mark.skipif(shutil.which("git") is None and not os.environ.get("CI"), reason="needs git")


@dataclass
class Repository:
    """A repository and its address."""

    path: Path
    url: str

    def git(self, *arguments: str, date: int = 1_500_000_000) -> str:
        """Run git there; what it prints."""
        stamp = f"{date} +0000"
        environment = {**os.environ, "GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp}
        who = ("-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "protocol.file.allow=always")
        done = subprocess.run(
            ["git", *who, *arguments], cwd=self.path, env=environment, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str], date: int = 1_500_000_000) -> str:
        """Write files and commit them; the commit."""
        for name, content in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        self.git("add", ".")
        self.git("commit", "-q", "-m", "change", date=date)
        return self.git("rev-parse", "HEAD")


class Repositories:
    """Makes repositories below a directory."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._directory = directory
        settings = {f"url.file://{directory}/.insteadOf": f"{HOST}/", "protocol.file.allow": "always"}
        monkeypatch.setenv("GIT_CONFIG_COUNT", str(len(settings)))
        for number, (name, value) in enumerate(settings.items()):
            monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", name)
            monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value)

    def new(self, name: str) -> Repository:
        """An empty repository on the branch `trunk`."""
        repository = Repository(self._directory / f"{name}.git", f"{HOST}/{name}.git")
        repository.path.mkdir(parents=True)
        repository.git("init", "-q", "-b", "trunk")
        return repository
