"""Digests and chain IDs."""

from __future__ import annotations

import hashlib

import pytest

from dockerlang.errors import InputError
from dockerlang.oci.digest import Digest, chain_ids, sha256_of

EMPTY = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_digest_is_its_text() -> None:
    assert str(Digest.parse(EMPTY)) == EMPTY
    assert sha256_of(b"") == Digest.parse(EMPTY)
    assert Digest.parse(EMPTY).short == "e3b0c44298fc"


@pytest.mark.parametrize(
    "text",
    ["", "sha256", "sha256:", "sha256:abc", EMPTY.upper(), EMPTY + "0", EMPTY + "\n", "SHA256:" + EMPTY[7:], "a b:cd"],
)
def test_what_breaks_the_grammar_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not a digest"):
        Digest.parse(text)


def test_an_unregistered_algorithm_is_kept_but_cannot_be_verified() -> None:
    digest = Digest.parse("multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8")
    assert str(digest).startswith("multihash+base58:Qm")
    with pytest.raises(InputError, match="cannot be verified"):
        digest.names(b"")


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_a_digest_names_only_its_content(algorithm: str) -> None:
    digest = Digest(algorithm, hashlib.new(algorithm, b"content").hexdigest())
    assert digest.names(b"content")
    assert not digest.names(b"content ")


def test_chain_ids_name_a_layer_with_all_below_it() -> None:
    first, second = sha256_of(b"1"), sha256_of(b"2")
    assert chain_ids([]) == ()
    assert chain_ids([first]) == (first,)
    assert chain_ids([first, second]) == (first, sha256_of(f"{first} {second}".encode()))
    assert chain_ids([first, second])[1] != chain_ids([second, first])[1]
