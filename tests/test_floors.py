"""The floors of the package: no import points upwards or sideways, and whoever must not touch the world does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.floors import modules_of, violations

ROOT = Path(__file__).parents[1]


def test_the_package_keeps_its_floors() -> None:
    modules = modules_of(ROOT / "dockerlang", ROOT / "lsp" / "dockerlang_lsp")
    assert len(modules) > 50, "the package was not found"
    assert violations(modules) == []


EMPTY = dict.fromkeys(
    (
        "dockerlang", "dockerlang.text", "dockerlang.syntax", "dockerlang.syntax.nodes", "dockerlang.oci.digest",
        "dockerlang.store.store", "dockerlang.linter.rules.a", "dockerlang.linter.rules.b", "dockerlang.cli.main",
        "dockerlang_lsp.server",
    ),
    "",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "source", "found"),
    [
        ("dockerlang.text", "from dockerlang.syntax import nodes", "dockerlang.text:1 imports upwards"),
        ("dockerlang.text", "def f():\n    import dockerlang.syntax.nodes", "dockerlang.text:2 imports upwards"),
        ("dockerlang.text", "from . import syntax", "dockerlang.text:1 imports upwards"),
        ("dockerlang.text", "from importlib import import_module\nimport_module('dockerlang.syntax')", "upwards"),
        ("dockerlang.oci.digest", "from dockerlang.syntax.nodes import Word", "imports sideways"),
        ("dockerlang.oci.digest", "from ..syntax.nodes import Word", "imports sideways"),
        ("dockerlang.cli.main", "import dockerlang_lsp.server", "imports upwards"),
        ("dockerlang.store.store", "from dockerlang.registry import pull", "imports sideways"),
        ("dockerlang.syntax.nodes", "import lark", "imports lark"),
        ("dockerlang.store.store", "from rich.console import Console", "imports rich"),
        ("dockerlang.store.store", "from click import echo", "imports click"),
        ("dockerlang.cli.main", "import pygls.lsp.server", "imports pygls"),
        ("dockerlang.cli.main", "from lsprotocol import types", "imports lsprotocol"),
        ("dockerlang.cli.main", "import requests", "in no list of libraries"),
        ("dockerlang.oci.digest", "import subprocess", "reaches the outside world"),
        ("dockerlang.oci.digest", "from urllib.request import urlopen", "reaches the outside world"),
        ("dockerlang.syntax.nodes", "import sqlite3", "reaches the outside world"),
        ("dockerlang.linter.rules.a", "import socket", "reaches the outside world"),
        ("dockerlang.syntax.nodes", "def f(path):\n    return open(path).read()", "nodes:2 opens a file"),
        ("dockerlang.syntax.nodes", "import os\nos.open('/', 0)", "opens a file"),
        ("dockerlang.oci.digest", "from pathlib import Path\nPath('x').write_text('')", "touches a file: write_text"),
        ("dockerlang.linter.rules.a", "open('x')", "opens a file"),
        ("dockerlang.store.store", "print('x')", "prints"),
        ("dockerlang.linter.rules.a", "from dockerlang.linter.rules import b", "knows another rule"),
    ],
)
def test_what_breaks_them_is_found(name: str, source: str, found: str) -> None:
    (sentence,) = violations({**EMPTY, name: source})
    assert found in sentence


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("dockerlang.syntax.nodes", "from dockerlang.text import Span"),
        ("dockerlang.syntax", "from dockerlang.syntax.nodes import Word"),
        ("dockerlang.syntax", "from .nodes import Word"),
        ("dockerlang.syntax.lark_tables", "import lark"),
        ("dockerlang.syntax.tables", "from pathlib import Path\nPath('x').read_text()"),
        ("dockerlang.store.store", "import sqlite3\nfrom dockerlang.oci import digest\nopen('x')"),
        ("dockerlang.cli.main", "import click\nimport rich.console\nprint('x')\nfrom dockerlang import __version__"),
        ("dockerlang_lsp.server", "import pygls\nfrom dockerlang.cli.main import main"),
        ("dockerlang.text", "import dockerlang"),
    ],
)
def test_what_is_allowed_is_not_found(name: str, source: str) -> None:
    assert violations({**EMPTY, name: source}) == []


def test_a_circle_is_found_once() -> None:
    circle = {
        "dockerlang.oci.a": "from dockerlang.oci import b",
        "dockerlang.oci.b": "def f():\n    from dockerlang.oci.c import x",
        "dockerlang.oci.c": "import dockerlang.oci.a",
        "dockerlang.oci.d": "import dockerlang.oci.a",
    }
    assert violations({**EMPTY, **circle}) == [
        "modules import each other in a circle: "
        "dockerlang.oci.a -> dockerlang.oci.b -> dockerlang.oci.c -> dockerlang.oci.a"
    ]


def test_a_new_room_needs_a_row() -> None:
    with pytest.raises(AssertionError, match="has no row"):
        violations({**EMPTY, "dockerlang.attic": "import dockerlang.text"})
