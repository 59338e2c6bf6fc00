"""Which linter this is: what is remembered by one version says nothing about what another would find."""

from __future__ import annotations

import os

import dockerlang

_ROOMS = ("linter", "semantics", "syntax", "oci", "config", "cli/output", "cli/linting")
_FILES = (".py", ".lark", ".jsonl")


def source_stamp() -> str:
    """The package's version; in a checkout, where rules change without it, also when its sources were changed."""
    package = os.path.dirname(dockerlang.__file__)
    checkout = os.path.dirname(package)
    if not os.path.isfile(os.path.join(checkout, "pyproject.toml")):
        return dockerlang.__version__
    newest = 0
    folders = [*(os.path.join(package, room) for room in _ROOMS), os.path.join(checkout, "grammar")]
    for folder in folders:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir():
                    folders.append(entry.path)
                elif entry.name.endswith(_FILES):
                    newest = max(newest, entry.stat().st_mtime_ns)
    return f"{dockerlang.__version__}+{newest}"
