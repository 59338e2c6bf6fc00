"""Image references: grammar, normalisation, familiar form; the recorded cases of the reference implementation."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlang.errors import InputError
from dockerlang.oci.digest import Digest, sha256_of
from dockerlang.oci.pattern import matches
from dockerlang.oci.reference import (
    InvalidReferenceError,
    Reference,
    ReferenceProblem,
    parse_canonical_reference,
    parse_reference,
    parse_reference_or_digest,
    read_reference,
)
from tests.conformance.suites import references

DIGEST = sha256_of(b"")
RECORDED = Path(
    os.environ.get("DOCKERLANG_CONFORMANCE", Path(__file__).parents[3] / "shared" / "conformance"),
    "references_upstream.json",
)


@pytest.mark.parametrize(
    ("text", "full", "familiar"),
    [
        ("busybox", "docker.io/library/busybox", "busybox"),
        ("busybox:1.36", "docker.io/library/busybox:1.36", "busybox:1.36"),
        ("someone/app", "docker.io/someone/app", "someone/app"),
        ("index.docker.io/app", "docker.io/library/app", "app"),
        ("docker.io/library/a/b", "docker.io/library/a/b", "library/a/b"),
        ("localhost/app", "localhost/app", "localhost/app"),
        ("localhost:5000", "docker.io/library/localhost:5000", "localhost:5000"),
        ("localhost:5000/app", "localhost:5000/app", "localhost:5000/app"),
        ("Registry/app", "Registry/app", "Registry/app"),
        ("ghcr.io/x/y:t", "ghcr.io/x/y:t", "ghcr.io/x/y:t"),
        (f"busybox:1@{DIGEST}", f"docker.io/library/busybox:1@{DIGEST}", f"busybox:1@{DIGEST}"),
        ("[::1]:5000/app", "[::1]:5000/app", "[::1]:5000/app"),
    ],
)
def test_a_short_name_is_one_of_docker_hub(text: str, full: str, familiar: str) -> None:
    reference = parse_reference(text)
    assert str(reference) == full
    assert reference.familiar == familiar
    assert parse_canonical_reference(full) == reference


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", ReferenceProblem.FORMAT),
        ("a" * 64, ReferenceProblem.IDENTIFIER),
        ("App", ReferenceProblem.UPPERCASE),
        ("docker.io/App", ReferenceProblem.UPPERCASE),
        ("app\n", ReferenceProblem.FORMAT),
        ("app:tag\n", ReferenceProblem.FORMAT),
        ("аpp", ReferenceProblem.FORMAT),
        ("app:٣", ReferenceProblem.FORMAT),
        ("app:" + "t" * 129, ReferenceProblem.FORMAT),
        ("a" * 256, ReferenceProblem.TOO_LONG),
        ("http://docker.io/app", ReferenceProblem.FORMAT),
        ("app@sha256:" + "A" * 64, ReferenceProblem.DIGEST_FORMAT),
        ("app@sha256:" + "a" * 63, ReferenceProblem.DIGEST_LENGTH),
        ("app@md5:" + "a" * 32, ReferenceProblem.DIGEST_ALGORITHM),
    ],
)
def test_the_error_says_what_is_wrong_with_what_was_written(text: str, problem: ReferenceProblem) -> None:
    with pytest.raises(InvalidReferenceError) as caught:
        parse_reference(text)
    assert caught.value.problem is problem
    assert repr(text) in str(caught.value)


def test_a_digest_wins_over_a_tag_and_latest_fills_in() -> None:
    assert parse_reference("app").resolved().tag == "latest"
    assert parse_reference("app").with_default_tag() == parse_reference("app:latest")
    pinned = parse_reference(f"app:1@{DIGEST}")
    assert pinned.with_default_tag() == pinned
    assert pinned.resolved() == parse_reference(f"app@{DIGEST}")


def test_ids_are_told_from_names() -> None:
    assert parse_reference_or_digest(DIGEST.hex) == DIGEST
    assert parse_reference_or_digest(str(DIGEST)) == DIGEST
    assert parse_reference_or_digest("deadbeef") == parse_reference("deadbeef")
    assert parse_reference_or_digest("sha256:abc") == Reference("docker.io", "library/sha256", "abc")


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("a*", "abc", True),
        ("a*", "a/b", False),
        ("a/*", "a/b", True),
        ("a**b", "axxb", True),
        ("?", "/", False),
        ("[a-c]x", "bx", True),
        ("[^a-c]x", "bx", False),
        ("[^a]", "/", True),
        ("[z-a]", "b", False),
        ("[^z-a]", "b", True),
        (r"\*", "*", True),
        (r"[\]]", "]", True),
        (".", "x", False),
        ("", "", True),
    ],
)
def test_globs_are_those_of_go(pattern: str, name: str, expected: bool) -> None:
    assert matches(pattern, name) is expected


@pytest.mark.parametrize("pattern", ["[", "[]", "[]a]", "[a", "[a-", "[a-]", "[-a]", "[^", "a\\", "[\\"])
def test_an_open_bracket_is_no_pattern(pattern: str) -> None:
    with pytest.raises(InputError, match="not a pattern"):
        matches(pattern, "x")


_WORD = st.from_regex(r"[a-z0-9]{1,6}([._-][a-z0-9]{1,4}){0,2}", fullmatch=True)
_PATH = st.lists(_WORD, min_size=2, max_size=4).map("/".join)
_DOMAIN = st.sampled_from(["docker.io", "localhost", "localhost:5000", "ghcr.io", "[fe80::1]:443", "HOST", "a.b-c:1"])
_TAG = st.just("") | st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", fullmatch=True)


@given(_DOMAIN, _PATH, _TAG, st.none() | st.binary(max_size=4).map(sha256_of))
def test_what_is_written_is_read_back(domain: str, path: str, tag: str, digest: Digest | None) -> None:
    reference = Reference(domain, path, tag, digest)
    assert read_reference(str(reference)) == reference
    assert parse_reference(str(reference)) == reference


@given(st.text(max_size=40))
def test_any_text_is_a_reference_or_a_clear_error(text: str) -> None:
    try:
        reference = parse_reference(text)
    except InvalidReferenceError:
        return
    assert parse_reference(str(reference)) == reference


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded reference cases are not on this machine")
def test_every_recorded_case_passes() -> None:
    outcomes = list(references.run(RECORDED))
    assert len(outcomes) > 250
    assert [outcome for outcome in outcomes if not outcome.passed] == []


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded reference cases are not on this machine")
def test_an_altered_expectation_fails(tmp_path: Path) -> None:
    """Each value of each case is changed in turn; the suite must notice every one."""
    tables = json.loads(RECORDED.read_text(encoding="utf-8"))
    inputs = {"input", "description", "Reference", "reference", "pattern", "name", "digest", "tag"}
    unnoticed = []
    for table, cases in tables.items():
        if not isinstance(cases, list) or not isinstance(cases[0], dict):
            continue
        # In these tables name, tag and digest are expectations.
        own_inputs = (
            inputs - {"tag", "digest", "name"} if table in ("TestReferenceParse", "TestSerialization") else inputs
        )
        for number, case in enumerate(cases):
            for key in case.keys() - own_inputs - {"AmbiguousName"}:
                if table == "TestParseAnyReference" and key == "Equivalent" and "Expected" in case:
                    continue
                if "input" not in case and key == "subs":
                    continue
                altered = {table: [{**case, key: _other(case[key])}]}
                path = tmp_path / "cases.json"
                path.write_text(json.dumps(altered), encoding="utf-8")
                if all(outcome.passed for outcome in references.run(path)):
                    unnoticed.append((table, number, key))
    assert unnoticed == []


def _other(value: object) -> object:
    match value:
        case bool():
            return not value
        case str():
            return value + "x"
        case list():
            return [*value, "x"]
        case _:
            return {"error": "another"}
