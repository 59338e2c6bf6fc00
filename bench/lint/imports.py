"""What Python and its imports cost before a tool does anything.

    python -m bench.lint.imports [--python PYTHON] [--runs 15]

Every row is the median of that many new processes; rows take turns, so that load from outside meets all of them.
`cold` removes the bytecode first (PYTHONDONTWRITEBYTECODE with an empty PYTHONPYCACHEPREFIX): the first run after an
installation that compiled nothing. `over bare` is the row less `bare python3`. A module that is not installed is left
out.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

GRAMMAR = """
start: pair*
pair: KEY "=" value
value: WORD | STRING
KEY: /[A-Z_]+/
WORD: /[a-z0-9.]+/
STRING: /"[^"]*"/
%ignore /[ \\n]+/
"""
LALR = f"import lark; lark.Lark({GRAMMAR!r}, parser='lalr').parse('A=b')"
CACHED = f"import lark; lark.Lark({GRAMMAR!r}, parser='lalr', cache=True).parse('A=b')"

ROWS = [
    ("bare python3", [], "pass"),
    ("python3 -I", ["-I"], "pass"),
    ("python3 -S -E", ["-S", "-E"], "pass"),
    ("python3 -I -S", ["-I", "-S"], "pass"),
    ("python3 -X frozen_modules=off", ["-X", "frozen_modules=off"], "pass"),
    ("argparse", [], "import argparse"),
    ("click", [], "import click"),
    ("json", [], "import json"),
    ("re", [], "import re"),
    ("dataclasses", [], "import dataclasses"),
    ("typing", [], "import typing"),
    ("enum", [], "import enum"),
    ("pathlib", [], "import pathlib"),
    ("functools", [], "import functools"),
    ("hashlib", [], "import hashlib"),
    ("subprocess", [], "import subprocess"),
    ("concurrent.futures", [], "import concurrent.futures.process"),
    ("multiprocessing", [], "import multiprocessing"),
    ("asyncio", [], "import asyncio"),
    ("sqlite3", [], "import sqlite3"),
    ("tomllib", [], "import tomllib"),
    ("importlib.metadata", [], "import importlib.metadata"),
    ("rich.console", [], "import rich.console"),
    (
        "rich.console, one line printed",
        [],
        "import rich.console; rich.console.Console(file=open('/dev/null', 'w')).print('[red]x')",
    ),
    ("lark", [], "import lark"),
    ("lark, grammar built, parse", [], LALR),
    ("lark, grammar from cache, parse", [], CACHED),
    ("lark standalone, import", [], "import standalone_parser"),
    ("lark standalone, parse", [], "import standalone_parser; standalone_parser.Lark_StandAlone().parse('A=b')"),
    ("tree_sitter + bash", [], "import tree_sitter, tree_sitter_bash"),
    (
        "tree_sitter + bash, parse",
        [],
        "import tree_sitter as t, tree_sitter_bash as b; t.Parser(t.Language(b.language())).parse(b'ls | cat')",
    ),
    ("attrs", [], "import attrs"),
    ("cattrs", [], "import cattrs"),
    ("lsprotocol.types", [], "import lsprotocol.types"),
    ("pygls.lsp.server", [], "import pygls.lsp.server"),
    ("json + re + dataclasses + enum", [], "import json, re, dataclasses, enum"),
    ("lark + click + rich.console", [], "import lark, click, rich.console"),
]


def spend(command, env, cwd):
    start = time.perf_counter()
    done = subprocess.run(
        command,
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    return time.perf_counter() - start if done.returncode == 0 else None


def heaviest(python, statement, env, cwd, count):
    """The modules with the most time of their own, by -X importtime."""
    shown = subprocess.run(
        [python, "-X", "importtime", "-c", statement], env=env, cwd=cwd, capture_output=True, text=True, check=True
    ).stderr
    rows = []
    for line in shown.splitlines():
        own, _, rest = line.removeprefix("import time:").partition("|")
        total, _, name = rest.partition("|")
        if own.strip().isdigit():
            rows.append((int(own), int(total), name.strip()))
    return sum(row[0] for row in rows), len(rows), sorted(rows, reverse=True)[:count]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--cold-runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "tiny.lark").write_text(textwrap.dedent(GRAMMAR))
        with open(folder / "standalone_parser.py", "w") as out:
            subprocess.run(
                [options.python, "-m", "lark.tools.standalone", str(folder / "tiny.lark")], stdout=out, check=False
            )
        size = (folder / "standalone_parser.py").stat().st_size
        env = {**os.environ, "TMPDIR": name}
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        rows = [(title, [options.python, *flags, "-c", statement]) for title, flags, statement in ROWS]
        rows = [row for row in rows if spend(row[1], env, folder) is not None]
        warm, cold = {title: [] for title, _ in rows}, {title: [] for title, _ in rows}
        for _ in range(options.runs):
            for title, command in rows:
                warm[title].append(spend(command, env, folder))
        bare_env = {**env, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": str(folder / "none")}
        for _ in range(options.cold_runs):
            for title, command in rows:
                cold[title].append(spend(command, bare_env, folder))
        bare = statistics.median(warm["bare python3"])
        version = subprocess.run([options.python, "--version"], capture_output=True, text=True, check=True).stdout
        print(f"{version.strip()}; standalone parser of {size} bytes\n")
        print("| import | median ms | min ms | over bare ms | without bytecode ms |\n|---|--:|--:|--:|--:|")
        for title, _ in rows:
            median = statistics.median(warm[title])
            print(
                f"| {title} | {median * 1000:.1f} | {min(warm[title]) * 1000:.1f} | {(median - bare) * 1000:.1f}"
                f" | {statistics.median(cold[title]) * 1000:.0f} |"
            )
        print("\n`-X importtime`: own time of the heaviest modules\n")
        for statement in (
            "import lark",
            "import lsprotocol.types",
            "import pygls.lsp.server",
            "import rich.console",
            "import click",
            "import argparse",
            "import sqlite3",
        ):
            total, count, heavy = heaviest(options.python, statement, env, folder, 5)
            print(
                f"- `{statement}`: {count} modules, {total / 1000:.0f} ms: "
                + ", ".join(f"{name} {own / 1000:.1f}" for own, _, name in heavy)
            )


if __name__ == "__main__":
    main()
