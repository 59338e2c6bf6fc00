"""Which vertices can be solved now: those whose inputs have all been."""

from __future__ import annotations

from collections.abc import Iterable

from dockerlang.builder.graph import Vertex


class Readiness:
    """The vertices that wait; each is looked at as often as it has inputs, however many wait beside it."""

    def __init__(self, order: Iterable[Vertex]) -> None:
        """`order` has every vertex after its inputs."""
        self.waiting = {vertex.digest: vertex for vertex in order}
        self._position = {digest: position for position, digest in enumerate(self.waiting)}
        self._missing: dict[str, int] = {}
        self._users: dict[str, list[str]] = {}
        for digest, vertex in self.waiting.items():
            inputs = {parent.digest for parent in vertex.inputs}
            self._missing[digest] = len(inputs)
            for parent in inputs:
                self._users.setdefault(parent, []).append(digest)
        self._ready = [digest for digest, count in self._missing.items() if not count]

    def take(self) -> list[Vertex]:
        """What has become ready since the last call, in order; it waits until `start` is called."""
        ready = sorted(self._ready, key=self._position.__getitem__)
        self._ready = []
        return [self.waiting[digest] for digest in ready]

    def start(self, vertex: Vertex) -> None:
        """The vertex waits no longer."""
        del self.waiting[vertex.digest]

    def end(self, vertex: Vertex) -> None:
        """The vertex is solved."""
        for user in self._users.get(vertex.digest, ()):
            self._missing[user] -= 1
            if not self._missing[user]:
                self._ready.append(user)
