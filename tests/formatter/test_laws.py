"""What holds for the formatter whatever the file: meaning and comments stay, and the second run changes nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
import tree_sitter
import tree_sitter_bash
from hypothesis import given
from hypothesis import strategies as st

from dockerlang.edits import apply_edits
from dockerlang.formatter import KeywordCase, Options, format_document, format_edits
from dockerlang.formatter.check import is_same_meaning
from dockerlang.formatter.shells import has_known_shells
from dockerlang.syntax import nodes, parse, walk
from dockerlang.text import Span
from tests.conformance.folder import cases_file
from tests.dockerfiles import dockerfiles, junk

OPTIONS = st.builds(
    Options,
    keyword_case=st.sampled_from(KeywordCase),
    indent=st.integers(1, 8),
    does_use_tabs=st.booleans(),
    does_keep_shell=st.booleans(),
)
BASH = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


@given(st.one_of(dockerfiles(), junk()), OPTIONS)
def test_formatting_keeps_the_meaning_and_is_stable(text: str, options: Options) -> None:
    check_laws(text, options)


@given(junk())
def test_formatting_never_fails(text: str) -> None:
    format_document(parse(text))


@given(dockerfiles(), OPTIONS)
def test_edits_give_the_same_text(text: str, options: Options) -> None:
    document = parse(text)
    assert apply_edits(text, format_edits(document, options)) == format_document(document, options)


@given(dockerfiles(), st.data())
def test_edits_within_a_range_touch_only_its_items(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    within = Span(start, data.draw(st.integers(start, len(text))))
    document = parse(text)
    for edit in format_edits(document, within=within):
        assert edit.span.overlaps(within) or edit.span == within
    assert set(format_edits(document, within=within)) <= set(format_edits(document))


@pytest.mark.parametrize("name", ["ast_own.json", "ast_upstream.json"])
def test_recorded_files(name: str) -> None:
    path = cases_file(name)
    if path is None:
        pytest.skip(f"{name} is not on this machine: it comes from a public suite, DOCKERLANG_CONFORMANCE says where")
    for case in json.loads(path.read_text())["cases"]:
        check_laws(case["input"], Options())


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("RUN  " + "a " * (5 << 20), id="one long line"),
        pytest.param("RUN a \\\n" + "  b \\\n" * 100_000 + "c\n", id="many continuations"),
        pytest.param("RUN a \\\n" + "# b\n  c \\\n" * 50_000 + "c\n", id="many comments"),
    ],
)
def test_long_instructions_take_seconds_at_most(text: str) -> None:
    document = parse(text)
    start = time.process_time()
    assert format_document(document) != text
    assert time.process_time() - start < 20


def check_laws(text: str, options: Options) -> None:
    before = parse(text)
    once = format_document(before, options)
    after = parse(once)
    assert format_document(after, options) == once
    assert after.escape == before.escape
    assert [each.value.text for each in after.directives] == [each.value.text for each in before.directives]
    assert list(comments(after)) == list(comments(before))
    assert len(after.instructions) == len(before.instructions)
    for old, new in zip(before.instructions, after.instructions, strict=True):
        assert is_same_meaning(old, new)
        assert [heredoc.content for heredoc in old.heredocs] == [heredoc.content for heredoc in new.heredocs]
        if has_known_shells(before):
            assert shell_words(old) == shell_words(new)


def comments(document: nodes.Document) -> Iterator[str]:
    return (node.text for node in walk.walk(document) if isinstance(node, nodes.Comment))


def shell_words(instruction: nodes.Instruction) -> list[bytes]:
    """The leaves of an instruction's shell command as a real parser of shell reads them."""
    command = next((node for node in walk.walk(instruction) if isinstance(node, nodes.ShellForm)), None)
    if command is None:
        return []
    leaves, todo = [], [BASH.parse(command.text.encode("utf-8", "surrogateescape")).root_node]
    while todo:
        node = todo.pop()
        todo += reversed(node.children)
        if not node.children and node.text:
            is_text = node.type in ("string_content", "raw_string", "ansi_c_string")
            leaves.append(node.text if is_text else b" ".join(node.text.split()))
    return leaves
