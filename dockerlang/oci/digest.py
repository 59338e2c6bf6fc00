"""Content digests, `algorithm:hex` (OCI image specification, "Digests"), and the chain IDs made of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from dockerlang.errors import InputError
from dockerlang.records import record

_GRAMMAR = re.compile(r"([a-z0-9]+(?:[+._-][a-z0-9]+)*):([A-Za-z0-9=_-]+)")
_HEX_LENGTHS = {"sha256": 64, "sha512": 128, "blake3": 64}
_COMPUTABLE = frozenset({"sha256", "sha512"})
_LOWER_HEX = re.compile(r"[0-9a-f]+")


@record(order=True)
class Digest:
    """The name of some content; `str()` is `sha256:...`.

    An algorithm that the specification does not register is kept as it is written, so that documents which mention it
    can be stored and copied; only registered ones are checked for length and lower case.
    """

    algorithm: str
    hex: str

    @staticmethod
    def parse(text: str) -> Digest:
        """The digest that `text` spells; `InputError` where it breaks the grammar of the specification."""
        match = _GRAMMAR.fullmatch(text)
        if match is None:
            raise InputError(f"{text!r} is not a digest", hint="a digest looks like sha256: and 64 hexadecimal digits")
        algorithm, encoded = match.groups()
        length = _HEX_LENGTHS.get(algorithm)
        if length is not None and len(encoded) != length:
            raise InputError(f"{text!r} is not a digest: {algorithm} has {length} digits, this has {len(encoded)}")
        if length is not None and _LOWER_HEX.fullmatch(encoded) is None:
            raise InputError(f"{text!r} is not a digest: its digits must be 0-9 and a-f")
        return Digest(algorithm, encoded)

    def names(self, content: bytes) -> bool:
        """Whether this is the digest of `content`; `InputError` for an algorithm that we cannot compute."""
        if self.algorithm not in _COMPUTABLE:
            raise InputError(f"{self}: cannot be verified, {self.algorithm} is not known here")
        return hashlib.new(self.algorithm, content).hexdigest() == self.hex

    @property
    def short(self) -> str:
        """The first twelve digits, as listings show an ID."""
        return self.hex[:12]

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.hex}"


def sha256_of(data: bytes) -> Digest:
    """The SHA-256 digest of `data`."""
    return Digest("sha256", hashlib.sha256(data).hexdigest())


def chain_ids(diff_ids: Iterable[Digest]) -> tuple[Digest, ...]:
    """The chain ID of each layer, lowest first: it names the layer together with all below it.

    OCI image specification, "Layer ChainID": the first is the diff ID itself, each next one the digest of
    `parent-chain-ID diff-ID`.
    """
    chain: list[Digest] = []
    for diff_id in diff_ids:
        chain.append(sha256_of(f"{chain[-1]} {diff_id}".encode()) if chain else diff_id)
    return tuple(chain)
