"""Findings that are kept over edits are those that a fresh look finds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlang.diagnostics import Diagnostic
from dockerlang.edits import Edit
from dockerlang.linter import Catalog, Settings, Surroundings, lint
from dockerlang.linter import kept as kept_module
from dockerlang.linter.kept import Block, KeptFindings
from dockerlang.linter.moved import places
from dockerlang.linter.twins import without_twins
from dockerlang.syntax import nodes, parse
from dockerlang.syntax.reparse import reparse
from dockerlang.text import Span

EVERYTHING = Settings(
    select=frozenset(rule.code for rule in Catalog.load().rules),
    label_schema={"team": "text"},
    trusted_registries=("x",),
)
START = """# check=skip=nothing

ARG VERSION=1
ARG PLAIN
# builds
FROM debian AS build
ARG VERSION
# hadolint ignore=DL3008
RUN apt-get update && apt-get install curl
RUN cd /x && sudo make $PLAIN
ENV A=1 PASSWORD=x B=$C
COPY a.tar.gz x/

# a test
FROM build AS test
USER root
ONBUILD RUN apt-get update
RUN <<EOF
wget x
curl y
EOF
from test as build
Maintainer x
COPY --from=3 a b
COPY --from=unknown a b
RUN a \\

  b
SHELL ["/bin/bash"]
RUN a | b
FROM alpine:$VERSION
LABEL team="x" Bad_Key=1
COPY --from=build --link --chown=me a b
RUN --mount=type=bind,from=test,target=/x apk add x
CMD x
ENTRYPOINT y
CMD z
"""
PIECES = [
    *START.splitlines(keepends=True), "# hadolint global ignore=DL3008\n", "# hadolint ignore=all\n",
    "# check=skip=all\n",
    "HEALTHCHECK CMD x\n", "<<<<<<< a\n", "=======\n", "WORKDIR x\n", "WORKDIR /x\n", "\r\n", "\n", " ", "#", "x",
    "RUN ",
    "FROM", "\\", "$", "é", "LABEL team=y\n", "EOF\n", "ONBUILD ", "VERSION", "build", "1", "=", '"', "'",
]  # fmt: skip
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from([0, 0, 0, 1, 2, 10, 60]), st.sampled_from(PIECES)),
    min_size=1,
    max_size=12,
)


def in_order(found: Iterator[Diagnostic]) -> list[Diagnostic]:
    return sorted(found, key=repr)


def of_blocks(blocks: tuple[Block, ...]) -> list[Diagnostic]:
    return in_order(finding for block in blocks for finding in block.findings)


@pytest.mark.parametrize("chosen", [Settings(), EVERYTHING])
def test_after_edits_the_findings_are_those_of_a_fresh_look(chosen: Settings) -> None:
    @settings(deadline=None)
    @given(EDITS, st.data())
    def holds(edits: list[tuple[float, int, str]], data: st.DataObject) -> None:
        document = parse(START)
        keeper = KeptFindings(chosen, Surroundings())
        keeper.find(document)
        for place, length, replacement in edits:
            text = document.source.text
            start = round(place * len(text))
            document = reparse(document, Edit(Span(start, min(start + length, len(text))), replacement))
            if data.draw(st.integers(0, 3)):
                found = keeper.find(document)
                everything = lint(parse(document.source), chosen)
                # Whether a comment silences anything shows only when the whole file was looked at.
                expected = without_twins(one for one in everything if one.code != "unused-suppression")
                assert of_blocks(found) == in_order(iter(expected))
                for block in found:
                    spans = [span for finding in block.findings for span in places(finding)]
                    assert not block.is_local or all(span.start >= block.start for span in spans)

    holds()


def test_an_edit_in_one_stage_asks_about_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    document = parse("FROM a AS one\nRUN cd x\n" + "".join(f"FROM a AS n{number}\nRUN cd x\n" for number in range(50)))
    keeper = KeptFindings(Settings(), Surroundings())
    before = keeper.find(document)
    asked: list[nodes.Instruction] = []
    ask = kept_module.Pass.look_at
    monkeypatch.setattr(kept_module.Pass, "look_at", lambda one, given: (asked.extend(given), ask(one, given)))
    offset = document.source.text.index("RUN cd x\nFROM a AS n20") + 4
    edited = reparse(document, Edit(Span(offset, offset), "echo && "))
    after = keeper.find(edited)
    assert [type(instruction) for instruction in asked] == [nodes.From, nodes.Run]
    same = [one.mark is other.mark for one, other in zip(before[1:], after[1:], strict=True)]
    assert same.count(False) == 1
    assert of_blocks(after) == in_order(iter(without_twins(lint(edited))))
