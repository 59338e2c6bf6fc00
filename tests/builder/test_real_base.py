"""A real distribution: a minimal Debian is made and imported, and an image of the kind people write is built on it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.builder.debian_base import CERTIFICATES, make_debian, pip_settings, proxies
from tests.cli.command import Command

pytestmark = [
    pytest.mark.slow,
    pytest.mark.root,
    pytest.mark.skipif(
        not os.environ.get("CI") and (os.geteuid() != 0 or shutil.which("debootstrap") is None),
        reason="needs root and debootstrap",
    ),
]

_DOCKERFILE = """\
# syntax=docker/dockerfile:1
FROM debian:minimal AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
COPY hello.c /src/
RUN gcc -O2 -Wall -Werror -o /hello /src/hello.c

FROM debian:minimal
RUN apt-get update \\
    && apt-get install -y --no-install-recommends ca-certificates python3 python3-pip \\
    && rm -rf /var/lib/apt/lists/*
RUN --mount=type=cache,target=/root/.cache/pip \\
    --mount=type=secret,id=pip,target=/etc/pip.conf \\
    --mount=type=secret,id=certificates,target=/run/certificates.crt \\
    PIP_CERT=/run/certificates.crt pip install --break-system-packages six
RUN useradd --create-home --uid 1234 app
COPY --from=build /hello /usr/local/bin/hello
COPY --chown=app app.py /srv/app/
WORKDIR /srv/app
USER app
ENTRYPOINT ["python3", "app.py"]
CMD ["nobody"]
"""
_C_PROGRAM = '#include <stdio.h>\nint main(void) { return puts("compiled") < 0; }\n'
_PYTHON_PROGRAM = """\
import getpass, os, subprocess, sys
import six
hello = subprocess.run(["hello"], capture_output=True, text=True, check=True).stdout.strip()
print(getpass.getuser(), os.getcwd(), six.__name__, hello, *sys.argv[1:])
"""


@pytest.fixture(scope="session")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root file system of a minimal Debian."""
    tree = tmp_path_factory.mktemp("debian")
    # It becomes the root directory, which everybody may enter.
    tree.chmod(0o755)
    make_debian(tree)
    return tree


@pytest.fixture
def dockerlang(tmp_path: Path, debian: Path) -> Command:
    """The command with the base in its store, and the Dockerfile and what it copies in its directory."""
    work = tmp_path / "work"
    work.mkdir()
    command = Command(tmp_path / "store", work, seconds=600)
    packed = subprocess.run(["tar", "-C", debian, "--numeric-owner", "-c", "."], check=True, capture_output=True)
    imported = command("import", "-c", 'CMD ["bash"]', "-", "debian:minimal", input=packed.stdout)
    assert imported.returncode == 0, imported.stderr
    for name, text in {"Dockerfile": _DOCKERFILE, "hello.c": _C_PROGRAM, "app.py": _PYTHON_PROGRAM}.items():
        (work / name).write_text(text)
    return command


def test_an_application_on_debian_is_built_and_runs(dockerlang: Command, tmp_path: Path) -> None:
    settings = tmp_path / "pip.conf"
    settings.write_text(pip_settings())
    secrets = ["--secret", f"id=pip,src={settings}", "--secret", f"id=certificates,src={CERTIFICATES}"]
    build = ["build", "-t", "app", *proxies(), *secrets, "."]
    built = dockerlang(*build)
    assert built.returncode == 0, built.stderr[-4000:]

    ran = dockerlang("run", "--rm", "app")
    assert (ran.stdout, ran.stderr) == ("app /srv/app six compiled nobody\n", "")
    assert dockerlang("run", "--rm", "app", "one", "two").stdout == "app /srv/app six compiled one two\n"
    # What a package's scripts did, and what of it only the build stage has.
    present = dockerlang("run", "--rm", "--entrypoint", "sh", "app", "-c", "command -v gcc; dpkg --audit; id -nG")
    assert (present.stdout, present.stderr) == ("app\n", "")
    assert dockerlang("run", "--rm", "--entrypoint", "test", "app", "!", "-e", "/etc/pip.conf").returncode == 0

    again = dockerlang(*build).stderr
    assert again.count("CACHED") == 9
    assert "DONE" not in again

    (dockerlang.directory / "hello.c").write_text(_C_PROGRAM.replace("compiled", "changed"))
    assert dockerlang(*build).returncode == 0
    assert dockerlang("run", "--rm", "app").stdout == "app /srv/app six changed nobody\n"
    checked = dockerlang("system", "check", "--full")
    assert checked.returncode == 0, checked.stdout + checked.stderr
