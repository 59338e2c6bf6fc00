"""Secrets in output: masked however the output is cut into blocks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dockerlang.builder.masking import MASK, Masker

few = st.text("ab\n", max_size=12).map(str.encode)
some_secrets = st.lists(st.text("ab", min_size=1, max_size=4).map(str.encode), min_size=1, max_size=3)


def masked(secrets: list[bytes], blocks: list[bytes]) -> bytes:
    masker = Masker(secrets)
    return b"".join([*(masker.feed(block) for block in blocks), masker.end()])


@given(some_secrets, st.lists(few, max_size=6))
def test_the_cut_into_blocks_makes_no_difference(secrets: list[bytes], blocks: list[bytes]) -> None:
    assert masked(secrets, blocks) == masked(secrets, [b"".join(blocks)])


@given(some_secrets, st.lists(few, max_size=6))
def test_no_secret_is_shown(secrets: list[bytes], blocks: list[bytes]) -> None:
    # Between two masks the output is the process's own.
    shown = masked(secrets, blocks).split(MASK)
    assert not any(secret in part for secret in secrets for part in shown)


def test_a_secret_is_masked_without_the_line_end_of_its_file() -> None:
    assert masked([b"hunter22\n"], [b"key: hun", b"ter22!\n"]) == b"key: ***!\n"


def test_the_lines_of_a_key_are_secrets_and_short_lines_are_not() -> None:
    key = b"-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nok\n"
    assert masked([key], [b"2: MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nok\n"]) == b"2: ***\nok\n"
    assert masked([key], [key]) == b"***\n"


def test_nothing_is_held_back_that_begins_no_secret() -> None:
    masker = Masker([b"secret"])
    assert masker.feed(b"50% se") == b"50% "
    assert masker.feed(b"x") == b"sex"
    assert Masker([b"", b" \n"]).feed(b"any") == b"any"
