"""Taking steps from shared caches while a build is solved, and sharing those of a build that is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from dockerlang.builder.caching.content import INLINE_FIELD, CacheContent, CachedStep, steps_to_json
from dockerlang.builder.caching.places import CachePlace
from dockerlang.builder.graph import CopyFiles, Exec, MakeDirectory, Vertex, in_order
from dockerlang.builder.lower.plan import Plan
from dockerlang.builder.solver import Solved
from dockerlang.errors import DockerlangError
from dockerlang.oci.digest import Digest
from dockerlang.oci.forms import GZIP, Form
from dockerlang.records import record, replace
from dockerlang.store.cache_records import StepRecord
from dockerlang.store.foreign_images import receive_layer
from dockerlang.store.forms import layer_in_form
from dockerlang.store.operation import Operation

Warn = Callable[[str], None]


@record
class CacheExport:
    """A place to write a cache to: the steps of the result's layers, or of all stages with `is_max`."""

    place: CachePlace
    is_max: bool = False
    ignores_errors: bool = False
    form: Form = GZIP


class ImportedSteps:
    """The steps of several places, the first place counting most. A layer is fetched when a step is found, not before.

    A place that cannot be read is warned of and left out: a build needs no cache.
    """

    def __init__(self, operation: Operation, places: Iterable[CachePlace], warn: Warn) -> None:
        self._operation = operation
        self._warn = warn
        self._steps: dict[str, tuple[CachedStep, CachePlace, CacheContent]] = {}
        for place in places:
            try:
                content = place.read()
            except DockerlangError as error:
                warn(f"the cache {place} is not used: {error}")
                continue
            for step in content.steps:
                self._steps.setdefault(step.key, (step, place, content))

    def take(self, key: str) -> StepRecord | None:
        """The record of a step, which is in the local cache from now on, with its layer in the store."""
        found = self._steps.get(key)
        if found is None:
            return None
        step, place, content = found
        blob = content.blobs[step.layer]
        if self._operation.find_layer(step.layer) is None:
            try:
                receive_layer(self._operation, place.open(blob), blob.media_type, step.layer)
            except DockerlangError as error:
                self._warn(f"a layer of the cache {place} is not used: {error}")
                return None
        record = StepRecord(key, "", {}, str(step.layer), created=step.created)
        self._operation.store.build_cache.put(record)
        return record


def steps_of(targets: Sequence[Vertex], solved: Mapping[str, Solved]) -> tuple[CachedStep, ...]:
    """All steps of a solved build that have made a layer."""
    found: dict[str, CachedStep] = {}
    for vertex in in_order(*targets):
        if isinstance(vertex.op, (Exec, CopyFiles, MakeDirectory)):
            step = solved[vertex.digest]
            key = step.result.key
            found[key] = CachedStep(key, step.result.layers[-1], step.created)
    return tuple(found.values())


def export_cache(
    operation: Operation, exports: Iterable[CacheExport], steps: Sequence[CachedStep], layers: set[Digest], warn: Warn
) -> None:
    """Write a cache to every place; `layers` are those of the results. Raises what the places do."""
    for export in exports:
        chosen = [step for step in steps if export.is_max or step.layer in layers]
        try:
            blobs = {
                step.layer: layer_in_form(operation, step.layer, export.form, keeps_compressed=True) for step in chosen
            }
            export.place.write(CacheContent(tuple(chosen), blobs), operation.store.layout)
        except DockerlangError as error:
            if not export.ignores_errors:
                raise
            warn(f"the cache was not written to {export.place}: {error}")


def with_inline_cache(plan: Plan, steps: Sequence[CachedStep], layers: set[Digest]) -> Plan:
    """The plan whose image will be a cache of its own `layers`."""
    frame = plan.target.frame
    shared = {"steps": steps_to_json([step for step in steps if step.layer in layers])}
    frame = replace(frame, extra={**frame.extra, INLINE_FIELD: shared})
    return replace(plan, target=replace(plan.target, frame=frame))
