"""Which stages need which: what a target needs, and stages that need themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dockerlang.records import record
from dockerlang.semantics.stages import Stage, Stages, StageUse, stage_uses

BaseOf = Callable[[Stage], Stage | None]


@record
class Need:
    """A stage that another one needs, and the place that says so; `use` is None for the base in FROM."""

    stage: Stage
    use: StageUse | None = None


def needs(stages: Stages, stage: Stage, base_of: BaseOf) -> Iterator[Need]:
    """What a stage needs: its base, what it copies or mounts from, and what the triggers of its base make it use.

    Stages that come too late are among them, numbers without a stage are not.
    """
    base = base_of(stage)
    if base is not None:
        yield Need(base)
        for use in stage_uses(base):
            if use.trigger_of is not None:
                yield from _need(stages, use)
    for use in stage_uses(stage):
        if use.trigger_of is None:
            yield from _need(stages, use)


def _need(stages: Stages, use: StageUse) -> Iterator[Need]:
    stage = stages.named(use.name)
    if use.may_be_index and use.name.isascii() and use.name.isdigit():
        index = int(use.name)
        stage = stages.stages[index] if index < len(stages) else None
    if stage is not None:
        yield Need(stage, use)


def reachable(stages: Stages, target: Stage, base_of: BaseOf) -> tuple[Stage, ...]:
    """The stages that `target` needs, itself included, in the order of the file."""
    found: set[int] = set()
    waiting = [target]
    while waiting:
        stage = waiting.pop()
        if stage.index not in found:
            found.add(stage.index)
            waiting.extend(need.stage for need in needs(stages, stage, base_of))
    return tuple(stage for stage in stages if stage.index in found)


def find_cycle(stages: Stages, base_of: BaseOf) -> tuple[tuple[Stage, Need], ...]:
    """A circle of stages, each with its need of the next; empty where there is none. All stages are looked at."""
    cleared: set[int] = set()
    for start in stages:
        if start.index not in cleared:
            cycle = _search(stages, start, base_of, cleared)
            if cycle:
                return cycle
    return ()


def _search(stages: Stages, start: Stage, base_of: BaseOf, cleared: set[int]) -> tuple[tuple[Stage, Need], ...]:
    """A circle that `start` leads to; without one, whatever was looked at is cleared."""
    path: list[tuple[Stage, Need]] = []
    place = {start.index: 0}
    waiting = [(start, needs(stages, start, base_of))]
    while waiting:
        stage, rest = waiting[-1]
        need = next(rest, None)
        if need is None:
            waiting.pop()
            cleared.add(stage.index)
            del place[stage.index]
            if path:
                path.pop()
        elif need.stage.index in place:
            return (*path[place[need.stage.index] :], (stage, need))
        elif need.stage.index not in cleared:
            path.append((stage, need))
            place[need.stage.index] = len(waiting)
            waiting.append((need.stage, needs(stages, need.stage, base_of)))
    return ()
