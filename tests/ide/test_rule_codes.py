"""Rule codes are offered in the comments that silence rules: those that the comment is for and does not name yet."""

from __future__ import annotations

import pytest

from dockerlang.ide.completion import complete
from dockerlang.syntax import parse


@pytest.mark.parametrize(
    ("comment", "offered", "not_offered"),
    [
        ("# hadolint ignore=", "DL3020", "StageNameCasing"),
        ("# hadolint ignore=DL3020,DL", "DL3008", "DL3020"),
        ("# hadolint global ignore=", "DL3020", "StageNameCasing"),
        ("# check=skip=Sta", "StageNameCasing", "DL3020"),
    ],
)
def test_codes_of_the_family_that_are_not_given(comment: str, offered: str, not_offered: str) -> None:
    text = f"FROM a\n{comment}"
    offers = {offer.label: offer for offer in complete(parse(f"{text}\nRUN x\n"), len(text))}
    assert offered in offers
    assert not_offered not in offers
    assert offers[offered].detail


def test_other_comments_get_none() -> None:
    text = "FROM a\n# about DL"
    assert not complete(parse(text), len(text))
