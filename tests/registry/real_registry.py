"""Debian's docker-registry on loopback, plain, or with TLS and passwords."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def docker_registry(
    directory: Path, *, certificate: tuple[Path, Path] | None = None, htpasswd: str = ""
) -> Iterator[str]:
    """Serve from a directory; yields `127.0.0.1:PORT` once it answers."""
    directory.mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    lines = [
        "version: 0.1",
        "log: {level: error, accesslog: {disabled: true}}",
        f"storage: {{filesystem: {{rootdirectory: {directory / 'data'}}}, delete: {{enabled: true}}}}",
        "http:",
        f"  addr: 127.0.0.1:{port}",
    ]
    if certificate is not None:
        lines += ["  tls:", f"    certificate: {certificate[0]}", f"    key: {certificate[1]}"]
    if htpasswd:
        (directory / "htpasswd").write_text(htpasswd)
        lines += ["auth:", "  htpasswd:", "    realm: here", f"    path: {directory / 'htpasswd'}"]
    config = directory / "config.yml"
    config.write_text("\n".join(lines) + "\n")
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(["docker-registry", "serve", str(config)], stdout=log, stderr=log)
        try:
            _wait_for(port, process, directory / "log")
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until somebody accepts on the port; the kernel's answer, not a guess at a time, says when."""
    deadline = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise AssertionError(f"docker-registry did not start: {log.read_text()}")
