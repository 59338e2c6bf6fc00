"""Moving nodes along the text: the same tree, every span of it further on."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar, overload

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


class Items(Sequence[nodes.Item]):
    """The items of an edited document: what the edit did not touch is shared, and moved when somebody looks at it.

    `originals` are the items as they were read, each perhaps at another place; `starts` says where each is now. Whoever
    keeps something about an item by its original finds it again after edits elsewhere.
    """

    def __init__(self, originals: tuple[nodes.Item, ...], starts: list[int]) -> None:
        self.originals = originals
        self.starts = starts
        self._moved: dict[int, nodes.Item] = {}

    @classmethod
    def of(cls, items: Sequence[nodes.Item]) -> Items:
        """The items of a document, whether it was edited or not."""
        if isinstance(items, Items):
            return items
        return cls(tuple(items), [item.span.start for item in items])

    def replaced(self, first: int, following: int, fresh: Sequence[nodes.Item], delta: int) -> Items:
        """The items with `fresh` in place of `first` to `following`, and those behind moved by `delta`."""
        starts = [*self.starts[:first], *(item.span.start for item in fresh)]
        starts.extend([start + delta for start in self.starts[following:]] if delta else self.starts[following:])
        return Items((*self.originals[:first], *fresh, *self.originals[following:]), starts)

    def __len__(self) -> int:
        return len(self.starts)

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
            original = self.originals[number]
            item = self._moved[number] = shifted(original, self.starts[number] - original.span.start)
        return item


def touching(items: Sequence[nodes.Item], offset: int) -> Iterator[nodes.Item]:
    """The items that a cursor at `offset` is in or next to: two where one ends and another begins."""
    if isinstance(items, Items):
        number = bisect_right(items.starts, offset)
    else:
        number = bisect_right(items, offset, key=lambda item: item.span.start)
    for item in items[max(number - 2, 0) : number]:
        if item.span.touches(offset):
            yield item
