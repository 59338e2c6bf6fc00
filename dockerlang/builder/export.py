"""From solved steps to images: the target's, and one for every step, each with the step before as its parent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from dockerlang.builder.graph import ContextSource, CopyFiles, Exec, Vertex, key_of
from dockerlang.builder.lower.state import StageState, Step
from dockerlang.builder.solver import Solved
from dockerlang.oci.config import History, ImageConfig
from dockerlang.oci.digest import Digest
from dockerlang.records import record, replace
from dockerlang.store.build_cache import BuildCache
from dockerlang.store.cache_records import StepRecord
from dockerlang.store.operation import Operation
from dockerlang.store.records import StoredImage
from dockerlang.store.step_images import StepImage, add_step_images

EXPORTER_COMMENT = "buildkit.exporter.image.v0"
"""Marks entries of history for layers that no instruction of the Dockerfile made."""

_MOST_BYTES = 8 << 20
"""How much the configs of steps may be, about, that are entered together."""


def export_steps(
    stages: Iterable[StageState], solved: Mapping[str, Solved], operation: Operation, now: int, epoch: int | None
) -> dict[int, Digest]:
    """Enter an image for every step whose result is there; the image IDs by the step's identity (`id(step)`)."""
    made: dict[int, Digest] = {}
    new: list[StepImage] = []
    clock = _Clock(operation.store.build_cache, now, epoch)
    for stage in stages:
        parent = stage.base_image
        times = _Times(stage, clock, solved)
        for step in stage.steps:
            result = solved.get(step.vertex.digest)
            if result is None:
                break
            config = times.image(step, result)
            image = StepImage(config.to_bytes(), parent)
            if id(step) not in made:
                made[id(step)] = image.id
                new.append(image)
                if len(image.config) * len(new) > _MOST_BYTES:
                    # The histories of a long file are large: all at once they would fill memory.
                    add_step_images(operation, new)
                    new = []
            parent = made[id(step)]
    add_step_images(operation, new)
    return made


def export_target(
    stage: StageState,
    solved: Mapping[str, Solved],
    operation: Operation,
    now: int,
    epoch: int | None,
    *,
    is_step: bool = False,
) -> StoredImage:
    """Enter the image of the target, whose config may have more labels than its last step's.

    As a step it is hidden, until an output makes it a real one.
    """
    clock = _Clock(operation.store.build_cache, now, epoch)
    times = _Times(stage, clock, solved)
    parent = stage.base_image
    last: StepImage | None = None
    for left, step in zip(range(len(stage.steps) - 1, -1, -1), stage.steps, strict=True):
        result = solved[step.vertex.digest]
        if left > 1:
            # The image below the target's is all that is wanted of these.
            times.note(step, result)
            continue
        parent = parent if last is None else last.id
        last = StepImage(times.image(step, result).to_bytes(), parent)
    final = times.final(stage, solved[stage.vertex.digest]).to_bytes()
    if last is not None and final != last.config:
        parent = last.id
    return operation.add_image(final, parent=parent, is_step=is_step)


def export_failed(step: Step, layers: tuple[Digest, ...], operation: Operation, now: int, message: str) -> Digest:
    """Enter the state that a failed step has left as an image of its own; its history says that it failed."""
    time = _rfc3339(now / 10**9)
    *before, last = step.image.history
    history = (*before, replace(last, created=time, comment=f"failed: {message}"))
    config = replace(step.image, diff_ids=layers, history=history, created=time)
    image = StepImage(config.to_bytes(), None)
    add_step_images(operation, [image])
    return image.id


def images_by_vertex(stages: Iterable[StageState], made: Mapping[int, Digest]) -> dict[str, tuple[str, ...]]:
    """The images of a build's steps by the digest of the vertex that made their files."""
    found: dict[str, tuple[str, ...]] = {}
    for stage in stages:
        for step in stage.steps:
            image = made.get(id(step))
            known = found.get(step.vertex.digest, ())
            if image is not None and str(image) not in known:
                found[step.vertex.digest] = (*known, str(image))
    return found


@record
class _Clock:
    """Where times come from: SOURCE_DATE_EPOCH if given, else the cache, so that a repeated build says the same."""

    cache: BuildCache
    now: int
    epoch: int | None

    def of_layer(self, result: Solved) -> float:
        return float(self.epoch) if self.epoch is not None else result.created

    def of_config(self, config: ImageConfig) -> float:
        """When a config that no layer dates was first made."""
        if self.epoch is not None:
            return float(self.epoch)
        key = key_of(["created", config.to_bytes().decode("utf-8", "replace")])
        record = self.cache.get(key)
        if record is None:
            record = StepRecord(key, "created", {}, "", created=self.now / 10**9)
            self.cache.put(record)
        return record.created


class _Times:
    """Fills in the times of a stage's images, step by step.

    An entry with a layer has the layer's time; one without has the time of the next layer, or of the last one where no
    layer follows. Where layers outnumber the entries that have one, those above get entries of their own.
    """

    def __init__(self, stage: StageState, clock: _Clock, solved: Mapping[str, Solved]) -> None:
        self._clock = clock
        self._base_entries = stage.base_history
        self._layer_times: list[float] = []
        self._makers: list[Vertex] = []
        self._entries: dict[tuple[int, float], History] = {}
        files = stage.base_files
        if files is not None and files.digest in solved:
            self._layer_times.append(clock.of_layer(solved[files.digest]))
            self._makers.append(files)

    def note(self, step: Step, result: Solved) -> None:
        if step.makes_layer:
            self._layer_times.append(self._clock.of_layer(result))
            self._makers.append(step.vertex)

    def image(self, step: Step, result: Solved) -> ImageConfig:
        self.note(step, result)
        return self._dated(step.image, result)

    def final(self, stage: StageState, result: Solved) -> ImageConfig:
        return self._dated(stage.image, result)

    def _dated(self, image: ImageConfig, result: Solved) -> ImageConfig:
        undated = replace(image, diff_ids=result.result.layers)
        last = self._layer_times[-1] if self._layer_times else self._clock.of_config(undated)
        pending = iter(self._layer_times)
        upcoming = next(pending, last)
        history = list(image.history[: self._base_entries])
        for entry in image.history[self._base_entries :]:
            history.append(self._dated_entry(entry, upcoming))
            if not entry.empty_layer:
                upcoming = next(pending, last)
        history.extend(self._unlisted(len(result.result.layers), history, last))
        return replace(undated, history=tuple(history), created=_rfc3339(last))

    def _dated_entry(self, entry: History, seconds: float) -> History:
        # Each image repeats the history of the one below, most of it with the same times.
        known = self._entries.get((id(entry), seconds))
        if known is None:
            known = self._entries[id(entry), seconds] = replace(entry, created=_rfc3339(seconds))
        return known

    def _unlisted(self, layers: int, history: list[History], last: float) -> list[History]:
        """Entries for the uppermost layers, where the base brought some that its history does not tell of."""
        missing = layers - sum(not entry.empty_layer for entry in history)
        if missing <= 0:
            return []
        below = [("", last)] * (layers - len(self._makers))
        made = [*below, *zip(map(_described, self._makers), self._layer_times, strict=True)]
        return [
            History(created=_rfc3339(time), created_by=text, comment=EXPORTER_COMMENT) for text, time in made[-missing:]
        ]


def _described(vertex: Vertex) -> str:
    """What the reference's exporter calls the layer that a vertex made."""
    match vertex.op:
        case Exec(args=args):
            return f"mount / from exec {' '.join(args)}"
        case CopyFiles() if vertex.use is not None and isinstance(vertex.inputs[-1].op, ContextSource):
            return f"local source for {vertex.inputs[-1].op.name}"
        case _:
            return vertex.name


def _rfc3339(seconds: float) -> str:
    """A time as Go writes it: nanoseconds without final zeros, in UTC."""
    whole, nanoseconds = divmod(round(seconds * 10**9), 10**9)
    text = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{nanoseconds:09d}".rstrip("0").rstrip(".")
    return f"{text}{fraction}Z"
