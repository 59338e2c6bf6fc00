"""A minimal Debian made by debootstrap, with the package sources and settings of the machine that runs the tests.

Everything about mirrors, proxies, keys and certificates is read when it is needed: none of it is part of this project.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_SETTINGS_OF_APT = "Acquire"
_SETTINGS_OF_PIP = frozenset({"index-url", "extra-index-url", "trusted-host", "proxy"})


def make_debian(tree: Path) -> None:
    """Fill an empty directory with the essential packages and apt, ready to install more from the same mirror."""
    mirror, suite = _mirror()
    made = subprocess.run(
        ["debootstrap", "--variant=minbase", suite, tree, mirror], check=False, capture_output=True, text=True
    )
    assert made.returncode == 0, made.stdout[-2000:] + made.stderr[-2000:]
    (tree / "etc/apt/sources.list").unlink(missing_ok=True)
    for path in _files_of_apt():
        target = tree / path.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    settings = _output("apt-config", "dump", _SETTINGS_OF_APT)
    (tree / "etc/apt/apt.conf.d/90machine").write_text(settings)


def proxies() -> list[str]:
    """Options of a build that pass on this machine's proxies."""
    names = ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy")
    present = [name for each in names for name in (each, each.upper()) if name in os.environ]
    return [word for name in present for word in ("--build-arg", name)]


def pip_settings() -> str:
    """A pip.conf with this machine's index: what names a file of this machine is of no use elsewhere."""
    lines = ["[global]"]
    for line in _output(sys.executable, "-m", "pip", "config", "list").splitlines():
        name, _, value = line.partition("=")
        option = name.rpartition(".")[2]
        values = [each for each in value.strip("'\"").split() if not each.startswith(("file:", "/"))]
        if option in _SETTINGS_OF_PIP and values:
            lines.append(f"{option} = {' '.join(values)}")
    return "\n".join([*lines, ""])


def _mirror() -> tuple[str, str]:
    """The address and the suite of the first source of packages."""
    targets = _output("apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)", "Created-By: Packages")
    site, suite = targets.splitlines()[0].split()
    return site, suite


def _files_of_apt() -> Iterator[Path]:
    """The sources, the keys that they name, and the certificates of mirrors behind TLS."""
    apt = Path("/etc/apt")
    sources = [
        apt / "sources.list",
        *(apt / "sources.list.d").glob("*.list"),
        *(apt / "sources.list.d").glob("*.sources"),
    ]
    for source in filter(Path.is_file, sources):
        yield source
        for key in re.findall(r"(?i)signed-by[:=]\s*(/\S+?)[\]\s]", source.read_text()):
            yield Path(key)
    for key in (*(apt / "trusted.gpg.d").iterdir(), CERTIFICATES):
        if key.is_file():
            yield key


def _output(*arguments: str) -> str:
    return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
