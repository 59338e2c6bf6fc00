"""Sequences and mappings that only grow, of which every earlier value stays as it was.

An instruction makes a new state out of the one before it, which is kept. Copying what both share would take time and
memory that grow with the square of a file's length; here all values along a line of growth share one store, and each
knows how much of it is its own. What grows out of a value that is no longer the last gets a store of its own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar, overload

T = TypeVar("T")
D = TypeVar("D")


class Trail(Sequence[T]):
    """A list to whose end something is added."""

    __slots__ = ("_length", "_store")

    def __init__(self, items: Iterable[T] = ()) -> None:
        self._store = list(items)
        self._length = len(self._store)

    def plus(self, item: T) -> Trail[T]:
        """The list with one more item."""
        made: Trail[T] = Trail.__new__(Trail)
        made._store = self._store if len(self._store) == self._length else self._store[: self._length]
        made._store.append(item)
        made._length = self._length + 1
        return made

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...

    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            return [self._store[each] for each in range(*index.indices(self._length))]
        if not -self._length <= index < self._length:
            raise IndexError(index)
        return self._store[index if index >= 0 else self._length + index]

    def __iter__(self) -> Iterator[T]:
        return islice(self._store, self._length)

    def __repr__(self) -> str:
        return f"Trail({list(self)!r})"


class Settings(Mapping[str, str]):
    """A mapping in which names get values; a name that gets another one keeps its place."""

    __slots__ = ("_length", "_store", "_version")

    def __init__(self, values: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        self._store = _Store()
        self._version = 0
        for name, value in dict(values).items():
            self._store.set(name, value, 0)
        self._length = len(self._store.values)

    def plus(self, name: str, value: str) -> Settings:
        """The mapping in which `name` has `value`."""
        below = self if self._version == self._store.last else Settings(self)
        made: Settings = Settings.__new__(Settings)
        made._store = below._store
        made._version = below._version + 1
        made._store.set(name, value, made._version)
        made._length = len(made._store.values)
        return made

    def assignments(self) -> Iterator[str]:
        """Every name with its value, as `NAME=value`."""
        if self._version == self._store.last:
            return (f"{name}={values[-1]}" for name, (_, values) in self._store.values.items())
        return (f"{name}={value}" for name, value in self.items())

    def __getitem__(self, name: str) -> str:
        found = self._store.get(name, self._version)
        if found is None:
            raise KeyError(name)
        return found

    @overload
    def get(self, key: str, /) -> str | None: ...

    @overload
    def get(self, key: str, /, default: D) -> str | D: ...

    def get(self, key: str, /, default: object = None) -> object:
        found = self._store.get(key, self._version)
        return default if found is None else found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._store.get(name, self._version) is not None

    def __iter__(self) -> Iterator[str]:
        # Names stand in the order in which they came: those that came later are not this value's own.
        return islice(self._store.values, self._length)

    def __len__(self) -> int:
        return self._length

    def __repr__(self) -> str:
        return f"Settings({dict(self)!r})"


class _Store:
    """The values of each name, with the versions from which on they hold."""

    __slots__ = ("last", "values")

    def __init__(self) -> None:
        self.values: dict[str, tuple[list[int], list[str]]] = {}
        self.last = 0

    def set(self, name: str, value: str, version: int) -> None:
        versions, values = self.values.setdefault(name, ([], []))
        versions.append(version)
        values.append(value)
        self.last = version

    def get(self, name: str, version: int) -> str | None:
        known = self.values.get(name)
        if known is None:
            return None
        versions, values = known
        if versions[-1] <= version:
            return values[-1]
        number = bisect_right(versions, version)
        return values[number - 1] if number else None
