"""Moving nodes along the text: the same tree, every span of it further on."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, NamedTuple, TypeVar, overload

from dockerlang.records import fields_of
from dockerlang.syntax import nodes
from dockerlang.syntax.lines import OffsetMap
from dockerlang.text import Span

_N = TypeVar("_N", bound=nodes.Node)

# Fields of these types hold no place.
_PLAIN = frozenset({"str", "int", "bool", "None"})
# For each kind of node the names of its fields, those that hold places first.
_plans: dict[type[nodes.Node], tuple[tuple[str, ...], tuple[str, ...]]] = {}


def shifted(node: _N, delta: int) -> _N:
    """`node` as it would be with `delta` more characters before it."""
    return node if delta == 0 else _shifted(node, delta)


def _shifted(node: _N, delta: int) -> _N:
    kind = type(node)
    names = _plans.get(kind)
    if names is None:
        names = _plans[kind] = _plan(kind)
    places, others = names
    moved = object.__new__(kind)
    put = object.__setattr__
    for name in places:
        put(moved, name, _moved(getattr(node, name), delta))
    for name in others:
        put(moved, name, getattr(node, name))
    return moved


def _plan(kind: type[nodes.Node]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Fields whose values never hold a place are recognised by their annotation."""
    places = tuple(
        name
        for name, field in fields_of(kind).items()
        if name == "hash_offset" or not _PLAIN.issuperset(re.findall(r"\w+", str(field.type)))
    )
    return places, tuple(name for name in fields_of(kind) if name not in places)


def _moved(value: Any, delta: int) -> Any:
    if isinstance(value, Span):
        return Span(value.start + delta, value.end + delta)
    if isinstance(value, nodes.Node):
        return _shifted(value, delta)
    if isinstance(value, tuple):
        return tuple(_moved(item, delta) for item in value) if value else value
    if isinstance(value, OffsetMap):
        return OffsetMap(value.joined, tuple(start + delta for start in value.source))
    if isinstance(value, int):
        return value + delta  # the offset of a comment's `#`
    return value


_SHORT = 64
"""Chunks of together as many items as this are copied into one."""


class Chunk(NamedTuple):
    """Items `start` to `stop` of `items`, all moved by `delta`."""

    items: tuple[nodes.Item, ...]
    start: int
    stop: int
    delta: int


class Items(Sequence[nodes.Item]):
    """The items of an edited document: what the edit did not touch is shared, and moved when somebody looks at it."""

    MAX_CHUNKS = 32

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        chunks = _joined(chunks)
        if len(chunks) > self.MAX_CHUNKS:
            chunks = [_whole(_made(chunks))]
        self._chunks = tuple(chunks)
        self._starts = tuple(accumulate((chunk.stop - chunk.start for chunk in chunks), initial=0))
        self._moved: dict[int, nodes.Item] = {}

    @classmethod
    def part(cls, items: Sequence[nodes.Item], start: int, stop: int, delta: int = 0) -> list[Chunk]:
        """The chunks that make up items `start` to `stop` of another sequence, moved by `delta`."""
        if start >= stop:
            return []
        if not isinstance(items, Items):
            return [Chunk(tuple(items), start, stop, delta)]
        chunks = []
        for chunk, first in zip(items._chunks, items._starts, strict=False):
            low = max(start - first, 0) + chunk.start
            high = min(stop - first, chunk.stop - chunk.start) + chunk.start
            if low < high:
                chunks.append(Chunk(chunk.items, low, high, chunk.delta + delta))
        return chunks

    def __len__(self) -> int:
        return self._starts[-1]

    @overload
    def __getitem__(self, index: int) -> nodes.Item: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[nodes.Item, ...]: ...

    def __getitem__(self, index: int | slice) -> nodes.Item | tuple[nodes.Item, ...]:
        if isinstance(index, slice):
            return tuple(self[number] for number in range(*index.indices(len(self))))
        number = index + len(self) if index < 0 else index
        if not 0 <= number < len(self):
            raise IndexError(index)
        item = self._moved.get(number)
        if item is None:
            at = bisect_right(self._starts, number) - 1
            chunk = self._chunks[at]
            item = shifted(chunk.items[chunk.start + number - self._starts[at]], chunk.delta)
            self._moved[number] = item
        return item

    def start_of(self, number: int) -> int:
        """Where an item starts, without moving it."""
        at = bisect_right(self._starts, number) - 1
        chunk = self._chunks[at]
        return chunk.items[chunk.start + number - self._starts[at]].span.start + chunk.delta


def _joined(chunks: Sequence[Chunk]) -> list[Chunk]:
    """The chunks with short neighbours made one, so that edits at one place do not add up to many chunks."""
    joined: list[Chunk] = []
    for chunk in chunks:
        before = joined[-1] if joined else None
        if before is not None and before.stop - before.start + chunk.stop - chunk.start <= _SHORT:
            joined[-1] = _whole(_made([before, chunk]))
        else:
            joined.append(chunk)
    return joined


def _made(chunks: Sequence[Chunk]) -> tuple[nodes.Item, ...]:
    return tuple(shifted(item, chunk.delta) for chunk in chunks for item in chunk.items[chunk.start : chunk.stop])


def _whole(items: tuple[nodes.Item, ...]) -> Chunk:
    return Chunk(items, 0, len(items), 0)
