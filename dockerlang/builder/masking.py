"""Keeps the values of secrets out of what processes print: they become asterisks before anybody sees the output."""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = b"***"
_TELLING_LINE = 16
"""Of a secret of many lines, such as a key, lines from this length on are secrets themselves."""


class Masker:
    """Masks in one stream of output, whose blocks may end anywhere, in the middle of a secret, too.

    However the stream is cut, the same comes out: of the secrets that begin at one place the longest is taken.
    """

    def __init__(self, secrets: Iterable[bytes]) -> None:
        self._values = sorted(set(_values(secrets)), key=len, reverse=True)
        self._pattern = re.compile(b"|".join(map(re.escape, self._values))) if self._values else None
        self._firsts = {value[:1] for value in self._values}
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """What can be shown now: all but an end that may be the beginning of a secret."""
        if self._pattern is None:
            return data
        text = self._held + data
        shown: list[bytes] = []
        at = 0
        while True:
            end = self._open_end(text, at)
            found = self._pattern.search(text, at)
            if found is None or found.start() >= end:
                break
            shown += [text[at : found.start()], MASK]
            at = found.end()
        shown.append(text[at:end])
        self._held = text[end:]
        return b"".join(shown)

    def end(self) -> bytes:
        """What was held back, when nothing comes after it."""
        if self._pattern is None:
            return b""
        held, self._held = self._held, b""
        return self._pattern.sub(MASK, held)

    def _open_end(self, text: bytes, start: int) -> int:
        """Where the first secret may begin of which `text` holds the beginning only."""
        for at in range(max(start, len(text) - len(self._values[0]) + 1), len(text)):
            if text[at : at + 1] in self._firsts:
                rest = text[at:]
                if any(len(rest) < len(value) and value.startswith(rest) for value in self._values):
                    return at
        return len(text)


def _values(secrets: Iterable[bytes]) -> Iterable[bytes]:
    for secret in secrets:
        # A file with a secret mostly ends with a line end, which whoever prints the secret leaves out.
        value = secret.strip()
        if value:
            yield value
            yield from (line for line in map(bytes.strip, value.split(b"\n")) if len(line) >= _TELLING_LINE)
