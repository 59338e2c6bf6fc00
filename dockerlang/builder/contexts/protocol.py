"""What every build context offers beside its files: who it is, and why a file is not in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from dockerlang.builder.files import SourceFile


class BuildContext(Protocol):
    """Files that a build takes from outside: a `SourceTree` that can explain itself."""

    @property
    def place(self) -> str:
        """Where the files lie, for messages: a directory, an archive, a URL."""
        ...

    def get(self, path: bytes) -> SourceFile | None:
        """As `SourceTree.get`."""
        ...

    def children(self, directory: bytes) -> Iterator[SourceFile]:
        """As `SourceTree.children`."""
        ...

    def prepare(self, files: list[SourceFile]) -> None:
        """As `SourceTree.prepare`."""
        ...

    def hidden_by(self, path: bytes) -> str:
        """The line of an ignore file that hides a path which is there; empty where none does."""
        ...

    def remember(self) -> None:
        """Told at the end of a build: what was computed may be kept for the next one."""
        ...
