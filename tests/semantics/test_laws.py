"""What holds for the semantics whatever the input: expansion is total, ignoring is the sum of its lines."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlang.semantics.expand import Expansion, ExpansionError, expand_body, expand_pieces, expand_words
from dockerlang.semantics.ignore import Matcher, read_ignore
from dockerlang.semantics.ignore_pattern import InvalidIgnorePattern, compile_pattern
from dockerlang.semantics.patterns import (
    InvalidPattern,
    pattern_to_regex,
    replace_all,
    reverse_pattern,
    trim_prefix,
    trim_suffix,
)
from dockerlang.semantics.stage_graph import reachable
from dockerlang.semantics.static_scopes import static_scopes
from dockerlang.syntax import nodes, parse
from dockerlang.syntax.scanner import UNICODE_BLANKS
from dockerlang.syntax.words import pieces_of
from dockerlang.text import Span
from tests.dockerfiles import dockerfiles

WORDS = st.text(alphabet="aA_1 \t\\`'\"${}:-+?#%/*[]é=", max_size=24)
VALUES = st.text(alphabet="aA/* $\\é\n", max_size=8)
ENVIRONMENTS = st.dictionaries(st.sampled_from(["a", "A", "_", "aA", "1"]), VALUES)
PATTERNS = st.text(alphabet="ab*?\\/}[", max_size=8)
TEXTS = st.text(alphabet="abc/*?\n", max_size=12)
SEGMENTS = st.text(alphabet="ab.*?[]^\\!-", min_size=1, max_size=4)
IGNORE_PATTERNS = st.lists(SEGMENTS, min_size=1, max_size=3).map("/".join)
NAMES = st.sampled_from(["a", "b", "ab", "ba", "a.b", "-", "^"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)


def _pieces(text: str, escape: str = "\\") -> tuple[nodes.Piece, ...]:
    return pieces_of(text, Span, escape)


@given(WORDS, ENVIRONMENTS, st.sampled_from("\\`"))
def test_a_word_expands_or_says_where_it_cannot(text: str, environment: dict[str, str], escape: str) -> None:
    found = _expanded(text, environment, escape)
    if isinstance(found, ExpansionError):
        assert 0 <= found.span.start <= found.span.end <= len(text)
        assert found.message
        return
    assert found.text == "".join(part.text for part in found.parts)
    assert set(found.used) <= environment.keys()
    assert environment.keys().isdisjoint(found.unset)


@given(WORDS, ENVIRONMENTS)
def test_splitting_takes_nothing_but_blanks(text: str, environment: dict[str, str]) -> None:
    word = nodes.Word(Span(0, len(text)), text, _pieces(text))
    try:
        whole = expand_pieces(word.pieces, environment).text
    except ExpansionError:
        with pytest.raises(ExpansionError):
            expand_words(word, environment)
        return
    assert _without_blanks("".join(expand_words(word, environment))) == _without_blanks(whole)


@given(st.text(alphabet="aA $", max_size=12))
def test_single_quotes_keep_everything(text: str) -> None:
    assert expand_pieces(_pieces(f"'{text}'"), {"a": "x", "A": "y"}).text == text


@given(st.text(alphabet="\ta$A\\\n\x0b\x0c", max_size=20))
def test_a_body_is_chomped_before_it_is_expanded(body: str) -> None:
    chomping, plain = (parse(f"COPY <<{dash}E /x\n{text}\nE\n") for dash, text in (("-", body), ("", _chomped(body))))
    environment = {"A": "\tone\n\ttwo"}
    first, second = (document.instructions[0].heredocs[0] for document in (chomping, plain))
    assert expand_body(first, environment).text == expand_body(second, environment).text


@given(PATTERNS, TEXTS, st.booleans())
def test_trimming_takes_a_matching_end_off(pattern: str, value: str, greedy: bool) -> None:
    try:
        regex = re.compile(pattern_to_regex(pattern, greedy=greedy, anchored=False))
    except InvalidPattern:
        with pytest.raises(InvalidPattern):
            trim_prefix(pattern, value, greedy=greedy)
        return
    rest = trim_prefix(pattern, value, greedy=greedy)
    assert value.endswith(rest)
    assert rest == value or regex.fullmatch(value[: len(value) - len(rest)])
    lengths = [size for size in range(len(value) + 1) if regex.fullmatch(value[:size])]
    if lengths:
        assert len(value) - len(rest) == (max(lengths) if greedy else min(lengths))


@given(PATTERNS, TEXTS, st.booleans())
def test_a_suffix_is_a_prefix_read_backwards(pattern: str, value: str, greedy: bool) -> None:
    try:
        expected = trim_prefix(reverse_pattern(pattern), value[::-1], greedy=greedy)[::-1]
    except InvalidPattern:
        return
    assert trim_suffix(pattern, value, greedy=greedy) == expected


@given(st.text(alphabet="ab*?", min_size=1, max_size=6), TEXTS)
def test_replacing_a_match_by_itself_changes_nothing(pattern: str, value: str) -> None:
    assert replace_all(pattern, "$0", value) == value


@given(st.lists(st.tuples(st.booleans(), IGNORE_PATTERNS), max_size=5), PATHS)
def test_the_last_line_that_applies_decides(rows: list[tuple[bool, str]], path: str) -> None:
    lines = [("!" if is_exception else "") + pattern for is_exception, pattern in rows]
    try:
        compiled = [compile_pattern(line) for line in lines]
    except InvalidIgnorePattern:
        with pytest.raises(InvalidIgnorePattern):
            Matcher.of(lines)
        return
    parts = path.split("/")
    prefixes = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    is_ignored = False
    for pattern in compiled:
        if pattern is not None and any(pattern.matches(prefix) for prefix in prefixes):
            is_ignored = not pattern.is_exception
    assert Matcher.of(lines).matches(path) == is_ignored


@given(st.lists(st.tuples(st.booleans(), IGNORE_PATTERNS), max_size=5), PATHS, PATHS)
def test_nothing_is_kept_below_what_need_not_be_entered(
    rows: list[tuple[bool, str]], directory: str, below: str
) -> None:
    try:
        matcher = Matcher.of(("!" if is_exception else "") + pattern for is_exception, pattern in rows)
    except InvalidIgnorePattern:
        return
    if matcher.can_prune(directory):
        assert matcher.matches(f"{directory}/{below}")


@given(st.text(alphabet="ab!#*/. \n\r[\\", max_size=30))
def test_an_ignore_file_can_always_be_read(text: str) -> None:
    ignore_file = read_ignore(text)
    assert all(0 < pattern.line <= text.count("\n") + 1 for pattern in ignore_file.patterns)
    if ignore_file.problems:
        with pytest.raises(InvalidIgnorePattern):
            ignore_file.is_ignored("a")
    else:
        ignore_file.is_ignored("a")


@given(dockerfiles())
def test_scopes_and_stages_can_be_told_of_any_file(text: str) -> None:
    document = parse(text)
    scopes = static_scopes(document)
    for instruction in document.instructions:
        scope = scopes.at(instruction)
        assert set(scope.environment) <= set(scope.bindings)
    for stage in scopes.stages:
        needed = reachable(scopes.stages, stage, scopes.base_of)
        assert stage in needed
        for other in needed:
            assert set(reachable(scopes.stages, other, scopes.base_of)) <= set(needed)


def _expanded(text: str, environment: dict[str, str], escape: str) -> Expansion | ExpansionError:
    try:
        return expand_pieces(_pieces(text, escape), environment)
    except ExpansionError as error:
        return error


def _without_blanks(text: str) -> str:
    return "".join(character for character in text if character not in UNICODE_BLANKS)


def _chomped(text: str) -> str:
    return re.sub(r"(?m)^\t+", "", text)
