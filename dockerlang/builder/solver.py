"""Finds the result of a vertex: from the cache, or by doing what it needs, side by side where nothing forbids it.

The solver knows a vertex by its digest, its inputs and what the executor says of it; it does not know what operations
there are.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dockerlang.builder.environment import Result
from dockerlang.builder.events import Listener, StepFailed, StepFinished, StepOutput, StepStarted
from dockerlang.builder.executor import Executor
from dockerlang.builder.graph import Vertex, in_order, key_of
from dockerlang.errors import DockerlangError
from dockerlang.oci.digest import Digest
from dockerlang.store.build_cache import StepRecord

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor


class StepError(DockerlangError):
    """A step failed; the cause is the `__cause__`. `results` holds what was made before."""

    def __init__(self, vertex: Vertex, cause: DockerlangError, results: Mapping[str, Solved]) -> None:
        super().__init__(str(cause), hint=cause.hint)
        self.vertex = vertex
        self.cause = cause
        self.results = results


@dataclass(frozen=True, slots=True)
class Solved:
    """A vertex's result, and when its layer was made (seconds since 1970; 0 for what makes none)."""

    result: Result
    created: float = 0.0


class Solver:
    """Solves vertices with one executor."""

    def __init__(self, executor: Executor, listener: Listener, max_parallelism: int) -> None:
        self._executor = executor
        self._listener = listener
        self._max_parallelism = max_parallelism
        self._cache = executor.environment.operation.store.build_cache
        self._told = threading.Lock()

    def solve(self, targets: Iterable[Vertex]) -> dict[str, Solved]:
        """The results of the targets and of all that they need, by digest. Raises `StepError` for the first failure.

        Where the cache holds everything no thread is started.
        """
        order = list(in_order(*targets))
        solved: dict[str, Solved] = {}
        waiting = {vertex.digest: vertex for vertex in order}
        running: dict[Future[Solved], Vertex] = {}
        failure: StepError | None = None
        pool: ThreadPoolExecutor | None = None
        try:
            while waiting or running:
                for vertex in self._ready(waiting, solved) if failure is None else ():
                    del waiting[vertex.digest]
                    try:
                        known = self._known(vertex, solved)
                    except DockerlangError as error:
                        failure = self._failed(vertex, error, 0.0, solved)
                        break
                    if known is not None:
                        solved[vertex.digest] = known
                        continue
                    if pool is None:
                        self._executor.prepare(vertex, *waiting.values())
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
                    except DockerlangError as error:
                        failure = failure or StepError(vertex, error, solved)
                        self._executor.environment.runtime.cancel()
        except BaseException:
            self._executor.environment.runtime.cancel()
            raise
        finally:
            if pool is not None:
                pool.shutdown(wait=True, cancel_futures=True)
        if failure is not None:
            raise failure
        return solved

    @staticmethod
    def _ready(waiting: Mapping[str, Vertex], solved: Mapping[str, Solved]) -> list[Vertex]:
        return [vertex for vertex in waiting.values() if all(parent.digest in solved for parent in vertex.inputs)]

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
        key = key_of(self._executor.ingredients(vertex, inputs))
        record = self._cache.get(key)
        layer = self._executor.environment.operation.find_layer(Digest.parse(record.result)) if record else None
        if record is None or layer is None:
            return None
        self._tell(StepStarted(vertex))
        self._tell(StepFinished(vertex, True, 0.0, layer.content_size))
        return Solved(Result(key, (*inputs[0].layers, layer.diff_id)), record.created)

    def _work(self, vertex: Vertex, inputs: tuple[Result, ...]) -> Solved:
        started = time.monotonic()
        self._tell(StepStarted(vertex))
        try:
            fetched = self._executor.fetch(vertex)
            if fetched is not None:
                self._tell(StepFinished(vertex, False, time.monotonic() - started, 0))
                return Solved(fetched)
            ingredients = self._executor.ingredients(vertex, inputs)
            diff_id = self._executor.run(vertex, inputs, lambda data: self._tell(StepOutput(vertex, data)))
        except DockerlangError as error:
            self._tell(StepFailed(vertex, time.monotonic() - started, str(error)))
            raise
        layer = self._executor.environment.operation.find_layer(diff_id)
        assert layer is not None
        key = key_of(ingredients)
        created = self._executor.environment.now / 10**9
        place = vertex.origin.stage if vertex.origin is not None else ""
        self._cache.put(StepRecord(key, f"{place}\n{vertex.name}", ingredients, str(diff_id), created))
        self._tell(StepFinished(vertex, False, time.monotonic() - started, layer.content_size))
        return Solved(Result(key, (*inputs[0].layers, diff_id)), created)

    def _failed(
        self, vertex: Vertex, error: DockerlangError, seconds: float, solved: Mapping[str, Solved]
    ) -> StepError:
        self._tell(StepStarted(vertex))
        self._tell(StepFailed(vertex, seconds, str(error)))
        return StepError(vertex, error, solved)

    def _tell(self, event: StepStarted | StepOutput | StepFinished | StepFailed) -> None:
        with self._told:
            self._listener(event)


def _thread_pool(size: int) -> ThreadPoolExecutor:
    # Imported when there is work: a build from the cache has none.
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(size, thread_name_prefix="step")


def _first_completed(running: Iterable[Future[Solved]]) -> Iterable[Future[Solved]]:
    from concurrent.futures import FIRST_COMPLETED, wait

    return wait(running, return_when=FIRST_COMPLETED).done
