"""The door to the image store: opens it, reads from it, starts operations on it."""

from __future__ import annotations

from pathlib import Path

from dockerlang.store.layout import prepare
from dockerlang.store.operation import Operation
from dockerlang.store.projection import refresh
from dockerlang.store.reading import StoreReader


class Store(StoreReader):
    """One store's directory. Holds no lock and no connection: any number of processes may have it open."""

    @staticmethod
    def open(root: Path) -> Store:
        """The store at `root`, made where nothing is.

        Raises `StoreError` for a directory that holds something else, one of a newer version, one that we may not use.
        """
        store = Store(prepare(root))
        if not store.layout.index_json.exists():
            refresh(store.layout, store.database)
        return store

    def operation(self, purpose: str, *, frees_space: bool = False) -> Operation:
        """A piece of work that relies on what is in the store; `purpose` names it for people.

        With `frees_space` it is to remove things, and can begin on a full disk.
        """
        return Operation(self, purpose, frees_space=frees_space)
