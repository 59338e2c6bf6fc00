"""Finds the result of a vertex: from the cache, or by doing what it needs, side by side where nothing forbids it.

The solver knows a vertex by its digest, its inputs and what the executor says of it; it does not know what operations
there are.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from dockerlang.builder.environment import Result
from dockerlang.builder.events import (
    Event,
    Listener,
    StepFailed,
    StepFinished,
    StepMissed,
    StepOutput,
    StepsPlanned,
    StepStarted,
    StepWaiting,
)
from dockerlang.builder.executor import Executor
from dockerlang.builder.file_list import FileList
from dockerlang.builder.graph import Definition, Vertex, in_order, key_of
from dockerlang.builder.readiness import Readiness
from dockerlang.errors import DockerlangError
from dockerlang.oci.digest import Digest
from dockerlang.records import record
from dockerlang.store.cache_records import StepRecord
from dockerlang.store.locks import try_acquire

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

    from dockerlang.builder.reasons import Reasons

_POLL_SECONDS = 0.05
"""How often a step that waits for another build looks whether that has ended."""
_WAKE_SECONDS = 0.2


class StepError(DockerlangError):
    """A step failed; the cause is the `__cause__`. `results` holds what was made before."""

    def __init__(self, vertex: Vertex, cause: DockerlangError, results: Mapping[str, Solved]) -> None:
        super().__init__(str(cause), hint=cause.hint)
        self.vertex = vertex
        self.cause = cause
        self.results = results


@record
class Solved:
    """A vertex's result, and when its layer was made (seconds since 1970; 0 for what makes none)."""

    result: Result
    created: float = 0.0


@record
class _Recorded:
    """A result with the size of the files in its layer, in bytes."""

    solved: Solved
    size: int


class StepCancelled(DockerlangError):
    """A step was not done because the build ended."""


class StepSource(Protocol):
    """Steps that other machines have done."""

    def take(self, key: str) -> StepRecord | None:
        """The record of a step whose layer is in the store now; None for one that is not known."""
        ...


class Solver:
    """Solves vertices with one executor; `imported` is asked for what this machine's cache does not know."""

    imported: StepSource | None = None

    def __init__(
        self, executor: Executor, listener: Listener, explain: Callable[[], Reasons], max_parallelism: int
    ) -> None:
        self._executor = executor
        self._listener = listener
        self._explain = explain
        self._max_parallelism = max_parallelism
        self._operation = executor.environment.operation
        self._cache = self._operation.store.build_cache
        self._told = threading.Lock()
        self._is_ending = threading.Event()
        # By digest, the vertices that did not come from the cache; those of them whose layer alone is missing.
        self._rebuilt: set[str] = set()
        self._gone: set[str] = set()

    def solve(self, targets: Iterable[Vertex]) -> dict[str, Solved]:
        """The results of the targets and of all that they need, by digest. Raises `StepError` for the first failure.

        Where the cache holds everything no thread is started.
        """
        order = list(in_order(*targets))
        self._tell(StepsPlanned(sum(map(self._executor.is_step, order))))
        solved: dict[str, Solved] = {}
        readiness = Readiness(order)
        running: dict[Future[Solved], Vertex] = {}
        failure: StepError | None = None
        pool: ThreadPoolExecutor | None = None
        try:
            while readiness.waiting or running:
                for vertex in readiness.take() if failure is None else ():
                    readiness.start(vertex)
                    try:
                        known = self._known(vertex, solved)
                    except DockerlangError as error:
                        failure = self._failed(vertex, error, 0.0, solved)
                        break
                    if known is not None:
                        solved[vertex.digest] = known
                        readiness.end(vertex)
                        continue
                    if pool is None:
                        self._executor.prepare(vertex, readiness.waiting.values())
                        pool = _thread_pool(self._max_parallelism)
                    inputs = self._inputs(vertex, solved)
                    running[pool.submit(self._work, vertex, inputs)] = vertex
                if not running:
                    if failure is not None:
                        break
                    continue
                for future in _first_completed(running):
                    vertex = running.pop(future)
                    try:
                        solved[vertex.digest] = future.result()
                        readiness.end(vertex)
                    except DockerlangError as error:
                        failure = failure or StepError(vertex, error, solved)
                        self._cancel()
        except BaseException:
            self._cancel()
            raise
        finally:
            if pool is not None:
                pool.shutdown(wait=True, cancel_futures=True)
                self._executor.end()
        if failure is not None:
            raise failure
        return solved

    @staticmethod
    def _inputs(vertex: Vertex, solved: Mapping[str, Solved]) -> tuple[Result, ...]:
        return tuple(solved[parent.digest].result for parent in vertex.inputs)

    def _known(self, vertex: Vertex, solved: Mapping[str, Solved]) -> Solved | None:
        """The result where there is nothing to do: it is given, or the cache knows it and the store has its layer."""
        inputs = self._inputs(vertex, solved)
        given = self._executor.given(vertex, inputs)
        if given is not None:
            return Solved(given, max((solved[parent.digest].created for parent in vertex.inputs), default=0.0))
        if vertex.ignores_cache or self._executor.is_fetched(vertex):
            return None
        found = self._recorded(vertex, inputs, key_of(self._executor.ingredients(vertex, inputs)))
        if found is not None:
            self._tell(StepStarted(vertex))
            self._tell(StepFinished(vertex, True, 0.0, found.size))
        return None if found is None else found.solved

    def _recorded(self, vertex: Vertex, inputs: tuple[Result, ...], key: str) -> _Recorded | None:
        record = self._cache.get(key)
        layer = self._operation.find_layer(Digest.parse(record.result)) if record else None
        if layer is None and self.imported is not None:
            record = self.imported.take(key) or record
            layer = self._operation.find_layer(Digest.parse(record.result)) if record else None
        if record is None or layer is None:
            if record is not None:
                self._gone.add(vertex.digest)
            return None
        return _Recorded(Solved(Result(key, (*inputs[0].layers, layer.diff_id)), record.created), layer.content_size)

    def _work(self, vertex: Vertex, inputs: tuple[Result, ...]) -> Solved:
        started = time.monotonic()
        self._tell(StepStarted(vertex))
        try:
            fetched = self._executor.fetch(vertex)
            if fetched is not None:
                self._tell(StepMissed(vertex, self._reasons.of_fetched()))
                self._tell(StepFinished(vertex, False, time.monotonic() - started, 0))
                return Solved(fetched)
            files = FileList()
            ingredients = self._executor.ingredients(vertex, inputs, files)
            key = key_of(ingredients)
            with self._alone(vertex, key):
                # Another build may have done it since the cache was asked.
                known = None if vertex.ignores_cache else self._recorded(vertex, inputs, key)
                found = known or self._do(vertex, inputs, ingredients, key, files.pack())
                self._tell(StepFinished(vertex, known is not None, time.monotonic() - started, found.size))
                return found.solved
        except DockerlangError as error:
            cancelled = self._is_ending.is_set()
            self._tell(StepFailed(vertex, time.monotonic() - started, str(error), cancelled))
            raise

    def _do(
        self, vertex: Vertex, inputs: tuple[Result, ...], ingredients: Definition, key: str, files: bytes | None
    ) -> _Recorded:
        """Do the step and remember what came out."""
        from dockerlang.builder.reasons import Miss

        is_gone = vertex.digest in self._gone
        self._tell(StepMissed(vertex, self._reasons.reason(Miss(vertex, ingredients, files, is_gone, self._rebuilt))))
        self._rebuilt.add(vertex.digest)
        diff_id = self._executor.run(vertex, inputs, lambda data, stream: self._tell(StepOutput(vertex, data, stream)))
        layer = self._operation.find_layer(diff_id)
        assert layer is not None
        created = self._executor.environment.now / 10**9
        kept = {**ingredients, "about": self._reasons.about(vertex)}
        self._cache.put(StepRecord(key, self._reasons.place(vertex), kept, str(diff_id), created), files)
        return _Recorded(Solved(Result(key, (*inputs[0].layers, diff_id)), created), layer.content_size)

    @contextmanager
    def _alone(self, vertex: Vertex, key: str) -> Iterator[None]:
        """Do the block while no other build does the same step.

        A step that ignores the cache is done in any case, and waits for nobody.
        """
        if vertex.ignores_cache:
            yield
            return
        path = self._operation.store.layout.locks / f"step-{key}"
        lock = try_acquire(path, create=True)
        if lock is None:
            self._tell(StepWaiting(vertex))
        while lock is None:
            if self._is_ending.wait(_POLL_SECONDS):
                raise StepCancelled("the build ended while this step waited for another build")
            lock = try_acquire(path, create=True)
        try:
            yield
        finally:
            lock.release(unlink=True)

    @cached_property
    def _reasons(self) -> Reasons:
        """Asked for when a step was not found: a build from the cache has nothing to explain."""
        return self._explain()

    def _cancel(self) -> None:
        self._is_ending.set()
        self._executor.environment.runtime.cancel()

    def _failed(
        self, vertex: Vertex, error: DockerlangError, seconds: float, solved: Mapping[str, Solved]
    ) -> StepError:
        self._tell(StepStarted(vertex))
        self._tell(StepFailed(vertex, seconds, str(error)))
        return StepError(vertex, error, solved)

    def _tell(self, event: Event) -> None:
        with self._told:
            self._listener(event)


def _thread_pool(size: int) -> ThreadPoolExecutor:
    # Imported when there is work: a build from the cache has none.
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(size, thread_name_prefix="step")


def _first_completed(running: Iterable[Future[Solved]]) -> Iterable[Future[Solved]]:
    from concurrent.futures import FIRST_COMPLETED, wait

    # A signal that comes just before the main thread falls asleep would not be seen before it wakes up.
    while not (done := wait(running, _WAKE_SECONDS, FIRST_COMPLETED).done):
        continue
    return done
