"""Why a step was not taken from the cache: the ingredient that differs from the nearest earlier record of that step.

The nearest record is the one of the same stage of the same Dockerfile that has most in common with the step. Records
that stand for another step of this build are no candidates: a step put between two others is new, not a changed one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dockerlang.builder.graph import ImageSource, Vertex, in_order
from dockerlang.records import record

if TYPE_CHECKING:
    from dockerlang.store.build_cache import BuildCache
    from dockerlang.store.cache_records import StepRecord

_CANDIDATES = 60
_COUNTER = re.compile(r"^\[[^\]]*?(\d+)/\d+\] ")
Ingredients = Mapping[str, Any]


class Cause(Enum):
    """What kind of reason it is."""

    NO_CACHE = "no-cache"
    FETCHED = "fetched"
    NEW = "new"
    GONE = "gone"
    INPUT = "input"
    CHANGED = "changed"


@record
class Reason:
    """Why a step was not taken from the cache: one line, and more lines for whoever asks."""

    cause: Cause
    message: str
    details: tuple[str, ...] = ()


@record
class Miss:
    """A step that was not found: what it is made of, and of `files`; `is_gone` if only its layer is missing.

    `rebuilt` are the digests of the vertices that this build did not take from the cache.
    """

    vertex: Vertex
    ingredients: Ingredients
    files: bytes | None
    is_gone: bool
    rebuilt: Collection[str]


class Reasons:
    """Explains the steps of one build of `dockerfile`, which builds `target`.

    `variables` names the variables that ENV has set at the vertex of that digest: others are from ARG.
    """

    def __init__(
        self, cache: BuildCache, dockerfile: str, target: Vertex, variables: Callable[[str], Collection[str]]
    ) -> None:
        self._cache = cache
        self._dockerfile = dockerfile
        self._target = target
        self._variables = variables

    @cached_property
    def _texts(self) -> frozenset[str]:
        """What the steps of this build say; asked for when a step was not found."""
        return frozenset(step_text(vertex.name) for vertex in in_order(self._target) if vertex.origin is not None)

    def place(self, vertex: Vertex) -> str:
        """Where the step stands, for finding earlier records of it."""
        return f"{self._dockerfile}\n{vertex.origin.stage if vertex.origin is not None else ''}"

    def about(self, vertex: Vertex) -> dict[str, object]:
        """What is worth keeping beside the ingredients to explain a later miss; no part of the key."""
        made: dict[str, object] = {"name": vertex.name}
        if vertex.inputs:
            made["on"] = _name_of_input(vertex.inputs[0])
        return made

    @staticmethod
    def of_fetched() -> Reason:
        """The reason of what comes from elsewhere: whether it has changed is asked there."""
        return Reason(Cause.FETCHED, "what is elsewhere is asked for anew each time")

    def reason(self, miss: Miss) -> Reason:
        """Why the step had to be done."""
        vertex = miss.vertex
        if vertex.ignores_cache:
            return Reason(Cause.NO_CACHE, "--no-cache: the cache was not asked")
        if miss.is_gone:
            return Reason(Cause.GONE, "it was built before, but its layer is no longer in the store")
        record = self._nearest(miss)
        if record is None:
            return Reason(Cause.NEW, "no step like it was built before")
        made = [*self._own_differences(miss, record), *self._differences_below(miss, record)]
        if not made:
            return Reason(Cause.NEW, "no step like it was built before")
        cause, message, details = made[0]
        others = tuple(f"and {message}" for _, message, _ in made[1:])
        return Reason(cause, message, (*details, *others))

    # ------------------------------------------------------------ the nearest record

    def _nearest(self, miss: Miss) -> StepRecord | None:
        text = step_text(miss.vertex.name)
        best: StepRecord | None = None
        best_score = 0
        for known in self._cache.steps_at(self.place(miss.vertex), _CANDIDATES):
            score = self._likeness(miss, known, text)
            if score > best_score:
                best, best_score = known, score
        return best

    def _likeness(self, miss: Miss, known: StepRecord, text: str) -> int:
        old, new = known.ingredients, miss.ingredients
        before, now = _operation(old), _operation(new)
        if _kind(before) != _kind(now):
            return 0
        name = _about(old, "name")
        is_same_text = step_text(name) == text
        if not is_same_text and step_text(name) in self._texts:
            return 0
        score = 8 * (before == now) or 6 * is_same_text
        score += 4 * (old.get("root") == new.get("root"))
        score += 2 * (_number(name) == _number(miss.vertex.name))
        score += all(old.get(part) == new.get(part) for part in ("content", "mounted"))
        # The content alone says nothing: most steps have none.
        return score if score > 1 else 0

    # ------------------------------------------------------------ differences

    def _own_differences(self, miss: Miss, record: StepRecord) -> Iterator[tuple[Cause, str, tuple[str, ...]]]:
        from dockerlang.builder.differences import file_lines, operation_differences

        old, new = record.ingredients, miss.ingredients
        variables = self._variables(miss.vertex.digest)
        for message, details in operation_differences(_operation(old), _operation(new), variables):
            yield Cause.CHANGED, message, details
        for part, said in (("content", "the files to copy changed"), ("mounted", "the files of a bind mount changed")):
            if old.get(part) != new.get(part):
                before = self._cache.files_of(record.key)
                changes = file_lines(before, miss.files)
                yield Cause.CHANGED, f"{said}: {changes[0]}" if changes else said, changes[1:]
        if old.get("users") != new.get("users"):
            yield Cause.CHANGED, "the users or groups changed among which its owner is looked up", ()

    def _differences_below(self, miss: Miss, record: StepRecord) -> Iterator[tuple[Cause, str, tuple[str, ...]]]:
        old, new = record.ingredients.get("root"), miss.ingredients.get("root")
        if old == new or not miss.vertex.inputs:
            return
        below = miss.vertex.inputs[0]
        before, now = _about(record.ingredients, "on"), _name_of_input(below)
        if isinstance(below.op, ImageSource):
            if before != now:
                yield Cause.CHANGED, f"the base image is another: now {now}, before {before or 'a step'}", ()
            else:
                yield Cause.CHANGED, f"the base image {below.op.reference} has other layers", ()
            return
        same_files = _layers(old) == _layers(new)
        details = ("the files below it are the same, but how they were made counts, too",) if same_files else ()
        if below.digest in miss.rebuilt:
            yield Cause.INPUT, f"it follows {below.name or 'a step'}, which was done again", details
        elif before and before != now:
            yield Cause.INPUT, f"it follows another step: now {now}, before {before}", details
        else:
            yield Cause.INPUT, f"what it follows is not what it was: {now}", details


def step_text(name: str) -> str:
    """A step's name without its stage and number."""
    return _COUNTER.sub("", name, count=1)


def _number(name: str) -> str:
    found = _COUNTER.match(name)
    return found[1] if found else ""


def _name_of_input(vertex: Vertex) -> str:
    if isinstance(vertex.op, ImageSource):
        return f"{vertex.op.reference} ({vertex.op.image_id.hex[:12]})" if vertex.op.layers else vertex.op.reference
    return vertex.name


def _operation(ingredients: Ingredients) -> Ingredients:
    operation = ingredients.get("operation")
    return operation if isinstance(operation, dict) else {}


def _kind(operation: Ingredients) -> object:
    # ADD instead of COPY is a change of one step.
    return "copy" if operation.get("op") == "add" else operation.get("op")


def _about(ingredients: Ingredients, key: str) -> str:
    about = ingredients.get("about")
    return str(about.get(key, "")) if isinstance(about, dict) else ""


def _layers(root: object) -> object:
    return root[1] if isinstance(root, list) and len(root) > 1 else None
