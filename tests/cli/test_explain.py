"""`dockerlang explain`: one line of a file, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlang.cli.output.columns import text_width
from dockerlang.cli.output.explanations import explanation_json, explanation_lines
from dockerlang.ide.explanation import explain
from dockerlang.syntax import parse
from tests.cli.command import Command
from tests.dockerfiles import dockerfiles

TEXT = """\
# a comment
ARG VERSION=3.20
FROM alpine:$VERSION AS base
USER app
FROM base
WORKDIR /src
RUN apk add "curl~=8" jq
"""


@pytest.fixture
def dockerlang(tmp_path: Path) -> Command:
    (tmp_path / "Dockerfile").write_text(TEXT)
    return Command(tmp_path / "store", tmp_path)


def test_people_read_words_runner_packages_and_names(dockerlang: Command) -> None:
    assert dockerlang("explain", "Dockerfile:7").stdout == (
        'RUN apk add "curl~=8" jq\n'
        "in stage stage-1, which is built on stage base\n"
        "\nruns as:\n"
        "  user      app, USER in line 4 of stage base\n"
        "  directory /src, WORKDIR in line 6\n"
        "  shell     /bin/sh -c, the default; a base image may say otherwise\n"
        '\nstarts:\n  ["/bin/sh", "-c", "apk add \\"curl~=8\\" jq"]\n'
        "\npackages:\n  apk installs\n    curl ~=8\n    jq   any version\n"
    )


def test_a_build_argument_is_told(dockerlang: Command) -> None:
    result = dockerlang("explain", "--build-arg", "VERSION=edge", "Dockerfile:3")
    assert "$VERSION is `edge`, from ARG in line 2 (given with --build-arg)" in result.stdout
    assert "becomes `alpine:edge`" in result.stdout


def test_programs_read_the_same(dockerlang: Command) -> None:
    explained = json.loads(dockerlang("explain", "--json", "Dockerfile:7").stdout)
    assert (explained["line"], explained["instruction"], explained["stage"]) == (7, "RUN", "stage-1")
    assert explained["settings"]["user"] == {
        "value": "app", "origin": "USER in line 4 of stage base", "origin_line": 4,
    }  # fmt: skip
    (call,) = explained["packages"]
    assert call["packages"][0] == {
        "name": "curl", "constraint": "~=8", "source": "index", "text": "curl~=8", "static": True,
        "line": 7, "column": 13,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Dockerfile"], "FILE:LINE"),
        (["Dockerfile:0"], "FILE:LINE"),
        (["Dockerfile:1"], "the nearest one is in line 2"),
        (["Dockerfile:99"], "the nearest one is in line 7"),
        (["none:1"], "none"),
        (["--target", "bas", "Dockerfile:3"], "did you mean `base`?"),
    ],
)
def test_bad_input_is_told(dockerlang: Command, arguments: list[str], message: str) -> None:
    result = dockerlang("explain", *arguments)
    assert result.returncode != 0
    assert message in result.stderr
    assert "Traceback" not in result.stderr


@given(dockerfiles(), st.integers(40, 120))
def test_every_line_fits_and_has_a_json_form(text: str, width: int) -> None:
    document = parse(text)
    for instruction in document.instructions:
        explanation = explain(document, document.source.lines.line_of(instruction.keyword.span.start))
        assert explanation is not None
        code = len(document.source.slice(instruction.code_span).splitlines())
        for line in list(explanation_lines(document.source, explanation, width))[code:]:
            shown = "".join(piece.text for piece in line)
            assert text_width(shown) <= width or not shown.isascii()
        json.dumps(explanation_json(document.source, explanation))
