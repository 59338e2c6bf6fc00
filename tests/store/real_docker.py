"""A docker daemon of our own, without a network, to exchange images with."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Docker:
    """The client of one daemon."""

    socket: Path
    config: Path

    def __call__(self, *arguments: str) -> str:
        """What the client prints; an error fails the test."""
        result = self.run(*arguments)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "DOCKER_HOST": f"unix://{self.socket}", "DOCKER_CONFIG": str(self.config)}
        # Beside the daemon there is its own client; another one on PATH may be of another version.
        client = "/usr/bin/docker" if os.access("/usr/bin/docker", os.X_OK) else "docker"
        return subprocess.run(
            [client, *arguments], capture_output=True, text=True, env=environment, timeout=120, check=False
        )


@contextmanager
def dockerd(directory: Path) -> Iterator[Docker]:
    """The daemon with its data below a directory, whose path must be short: sockets have names of at most 107 bytes."""
    config = directory / "config"
    config.mkdir(parents=True)
    docker = Docker(directory / "docker.sock", config)
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                "dockerd",
                *("--data-root", directory / "data", "--exec-root", directory / "exec"),
                *("-H", f"unix://{docker.socket}", "-p", directory / "docker.pid"),
                *("--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver", "overlay2"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + 60
        while docker.run("version").returncode:
            said = (directory / "log").read_text(errors="replace")[-2000:]
            assert process.poll() is None, f"dockerd ended: {said}"
            assert time.monotonic() < deadline, f"dockerd does not answer: {said}"
            time.sleep(0.1)
        yield docker
    finally:
        process.terminate()
        process.wait(60)
        for line in reversed(Path("/proc/mounts").read_text().splitlines()):
            if line.split()[1].startswith(f"{directory}/"):
                subprocess.run(["umount", "-l", line.split()[1]], check=False)
