"""`WWW-Authenticate` as registries write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlang.registry.challenges import Challenge, parse_challenges

REALM = "https://auth.example/token"


@pytest.mark.parametrize(
    ("headers", "challenges"),
    [
        ([f'Bearer realm="{REALM}",service="reg"'], [Challenge("bearer", {"realm": REALM, "service": "reg"})]),
        (['Basic realm="x"'], [Challenge("basic", {"realm": "x"})]),
        (["Basic"], [Challenge("basic", {})]),
        (
            ['Bearer realm="a", scope="repository:x:pull,push", Basic realm="b"'],
            [
                Challenge("bearer", {"realm": "a", "scope": "repository:x:pull,push"}),
                Challenge("basic", {"realm": "b"}),
            ],
        ),
        (["Negotiate", "BEARER Realm=plain"], [Challenge("negotiate", {}), Challenge("bearer", {"realm": "plain"})]),
        ([r'Basic realm="a \"b\" \\ c"'], [Challenge("basic", {"realm": r'a "b" \ c'})]),
        (["Negotiate YWJj==, Basic realm=x"], [Challenge("negotiate", {}), Challenge("basic", {"realm": "x"})]),
        (
            ['Bearer realm="a",scope="repository:x:pull",scope="repository:y:pull"'],
            [Challenge("bearer", {"realm": "a", "scope": "repository:x:pull repository:y:pull"})],
        ),
        ([""], []),
        (['"'], []),
    ],
)
def test_challenges(headers: list[str], challenges: list[Challenge]) -> None:
    assert list(parse_challenges(headers)) == challenges


def test_scopes_hold_commas_inside_their_quotes() -> None:
    (challenge,) = parse_challenges(['Bearer realm="r",scope="repository:a:pull,push repository:b:pull"'])
    assert challenge.scopes == ("repository:a:pull,push", "repository:b:pull")


VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)


@given(
    st.lists(st.tuples(st.sampled_from(["bearer", "basic", "x-y"]), st.dictionaries(st.sampled_from("abc"), VALUES)))
)
def test_what_is_written_is_read(challenges: list[tuple[str, dict[str, str]]]) -> None:
    def quoted(value: str) -> str:
        return '"' + value.replace("\\", r"\\").replace('"', r"\"") + '"'

    header = ", ".join(
        f"{scheme} " + ", ".join(f"{name}={quoted(value)}" for name, value in parameters.items())
        for scheme, parameters in challenges
    )
    assert parse_challenges([header]) == tuple(Challenge(*challenge) for challenge in challenges)


@given(st.text(max_size=60))
def test_nothing_makes_it_fail(header: str) -> None:
    parse_challenges([header])
