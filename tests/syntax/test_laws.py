"""What holds for the tree of any text whatever."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlang.syntax import nodes, parse, problems, walk
from dockerlang.syntax.dump import json_of, text_of
from dockerlang.text import Span
from tests.dockerfiles import dockerfiles, junk

ANY_TEXT = st.one_of(
    dockerfiles(), junk(), st.text(), st.binary().map(lambda data: data.decode("utf-8", "surrogateescape"))
)
MEBIBYTE = 1 << 20


@given(ANY_TEXT)
def test_items_tile_the_text(text: str) -> None:
    offset = 0
    for item in parse(text).items:
        assert item.span.start == offset
        assert item.span.end > offset
        offset = item.span.end
    assert offset == len(text)


@given(ANY_TEXT)
def test_nodes_lie_inside_their_item(text: str) -> None:
    for item in parse(text).items:
        for node in walk.walk(item):
            assert item.span.encloses(node.span), f"{node} is outside of {item.span}"
            if isinstance(node, nodes.Heredoc):
                assert item.span.encloses(node.body_span)
        if isinstance(item, nodes.Instruction):
            assert item.span.encloses(item.statement)
            assert item.statement.encloses(item.keyword.span)
            assert item.span.encloses(item.code_span)


@given(ANY_TEXT)
def test_parts_of_an_instruction_lie_inside_their_parent(text: str) -> None:
    for node in walk.walk(parse(text)):
        if isinstance(node, nodes.Heredoc | nodes.Comment):  # the pieces of a heredoc stand in its body
            continue
        for child in walk.children(node):
            if not isinstance(child, nodes.Comment):
                assert node.span.encloses(child.span), f"{child} is outside of {node}"


@given(ANY_TEXT)
def test_names_and_words_stand_where_their_spans_say(text: str) -> None:
    """Only where nothing lies between source and meaning: a continuation, JSON, or the quotes of a flag word."""
    document = parse(text)
    quoting = {'"', "'", document.escape}
    below_quotes = {
        id(inner)
        for node in walk.walk(document)
        if isinstance(node, nodes.Flag) and not quoting.isdisjoint(document.source.slice(node.span))
        for inner in walk.walk(node)
    }
    for node in walk.walk(document):
        if isinstance(node, nodes.Name) or (isinstance(node, nodes.Word) and not isinstance(node, nodes.JsonString)):
            written = document.source.slice(node.span)
            if "\n" not in written and id(node) not in below_quotes:
                assert written == node.text


@given(ANY_TEXT)
def test_an_instruction_alone_is_the_same(text: str) -> None:
    document = parse(text)
    for instruction in document.instructions:
        alone = parse(f"# escape={document.escape}\n{document.source.slice(instruction.span)}").items[1:]
        if instruction.span.start == 0 and text.startswith("\ufeff"):
            continue  # a byte order mark is none elsewhere
        assert len(alone) == 1
        assert walk.equal(alone[0], instruction)


@given(ANY_TEXT)
def test_everything_that_reads_a_tree_takes_any_tree(text: str) -> None:
    document = parse(text)
    text_of(document)
    json_of(document)
    for problem in problems(document):
        assert document.span.encloses(problem.span)


@given(ANY_TEXT, st.data())
def test_a_cursor_is_inside_every_node_of_its_path(text: str, data: st.DataObject) -> None:
    document = parse(text)
    offset = data.draw(st.integers(0, len(text)))
    path = walk.path_at(document, offset)
    assert path[0] is document
    for outer, inner in pairwise(path):
        assert inner in list(walk.children(outer))
        assert inner.span.touches(offset)


@given(dockerfiles())
def test_equal_ignores_places_and_nothing_else(text: str) -> None:
    document = parse(text.removeprefix("\ufeff"))
    below = parse(f"# escape={document.escape}\n\n\n" + document.source.text)
    for one, other in zip(document.instructions, below.instructions, strict=True):
        assert one != other
        assert walk.equal(one, other)
    for one, other in pairwise(document.instructions):
        assert walk.equal(one, other) == (_content(one) == _content(other))


def _content(instruction: nodes.Instruction) -> tuple[str, list[str], list[str], list[int]]:
    """All that tells two instructions apart wherever they stand."""
    return (
        instruction.text,
        [heredoc.content for heredoc in instruction.heredocs],
        [comment.text for comment in instruction.comments],
        [len(instruction.blank_lines)],
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("RUN " + "a" * 10 * MEBIBYTE, id="one word of a shell command"),
        pytest.param("FROM " + "a" * 10 * MEBIBYTE, id="one word"),
        pytest.param("#" * 10 * MEBIBYTE, id="a comment"),
        pytest.param(" " * 10 * MEBIBYTE, id="blanks"),
        pytest.param("x" * 10 * MEBIBYTE, id="an unknown keyword"),
        pytest.param("ENV A=" + "b" * 10 * MEBIBYTE, id="a value"),
        pytest.param('ENV A="' + "b" * 10 * MEBIBYTE, id="an open quote"),
        pytest.param('RUN ["' + "b" * 10 * MEBIBYTE, id="an open array"),
        pytest.param("RUN <<E\n" + "b" * 10 * MEBIBYTE, id="an open heredoc"),
        pytest.param("\0" * 10 * MEBIBYTE, id="zero bytes"),
        pytest.param("RUN a \\\n" * MEBIBYTE, id="a million continuations"),
        pytest.param("RUN echo '" + "<<E " * 2 * MEBIBYTE, id="an open quote among heredoc marks"),
        pytest.param("COPY " + "${" * 50_000, id="open variables"),
        pytest.param("ENV A=b" + " A=b" * 50_000, id="pairs"),
        pytest.param("RUN a\n" * 100_000, id="instructions"),
    ],
)
@pytest.mark.slow
def test_long_lines_take_seconds_at_most(text: str) -> None:
    start = time.process_time()
    document = parse(text)
    assert document.items[-1].span.end == len(text)
    assert time.process_time() - start < 20


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("ENV A=" + "${B:-" * 5_000 + "}" * 5_000, id="variables in variables"),
        pytest.param('ENV A="' + '${B:-"' * 5_000 + '"}' * 5_000, id="quotes in variables"),
        pytest.param("ENV A=" + "${B:-'}'" * 5_000 + "}" * 5_000, id="quoted braces in variables"),
        pytest.param("COPY <<E /x\n" + "${B:-" * 5_000 + "}" * 5_000 + "\nE\n", id="variables in a heredoc"),
        pytest.param("ONBUILD " * 5_000 + "RUN x", id="triggers of triggers"),
    ],
)
def test_what_is_nested_without_end_is_cut_short(text: str) -> None:
    document = parse(text)
    assert sum(1 for _ in walk.walk(document)) < 100
    assert walk.equal(document, parse(text))
    text_of(document)


def test_the_deepest_variable_that_is_taken_apart() -> None:
    depth = 50
    document = parse("ENV A=" + "${B:-" * depth + "}" * depth)
    assert sum(isinstance(node, nodes.Variable) for node in walk.walk(document)) == depth


def test_a_span_of_a_document_is_its_text() -> None:
    assert parse("").span == Span(0, 0)
    assert parse("").items == ()


@pytest.mark.parametrize(
    ("written", "first", "last", "protocol"),
    [
        ("80", 80, 80, ""),
        ("8000-8010/UDP", 8000, 8010, "udp"),
        ("$PORT", None, None, ""),
        ("127.0.0.1:80:90", None, None, ""),
        ("80/", None, None, ""),
        ("http", None, None, ""),
    ],
)
def test_a_port_has_its_numbers(written: str, first: int | None, last: int | None, protocol: str) -> None:
    [expose] = parse(f"EXPOSE {written}").all_of(nodes.Expose)
    [port] = expose.ports
    assert (port.first, port.last, port.protocol) == (first, last, protocol)


@pytest.mark.parametrize(
    ("written", "mode"), [("755", 0o755), ("04755", None), ("0644", 0o644), ("u+x", None), ("$M", None), ("", None)]
)
def test_a_mode_is_a_number_where_it_is_octal(written: str, mode: int | None) -> None:
    [copy] = parse(f"COPY --chmod={written} a b").all_of(nodes.Copy)
    [flag] = copy.flags
    assert isinstance(flag, nodes.ModeFlag)
    assert flag.mode == mode
