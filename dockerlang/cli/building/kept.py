"""`build --rm=false`: a container for each RUN that was executed, as the classic builder left them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from dockerlang.builder.events import StepFailed, StepFinished, StepsPlanned, StepStarted
from dockerlang.builder.graph import Exec

if TYPE_CHECKING:
    from dockerlang.builder.events import Event, Listener
    from dockerlang.store.builds import BuildStep
    from dockerlang.store.store import Store


class ExecutedSteps:
    """Listens to a build in front of another listener; `keep` then makes the containers.

    A container's files are those of the step's image, its own layer is empty; it has the step's command and exit code.
    """

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._order: list[str] = []
        self._commands: dict[str, tuple[str, ...]] = {}

    def listen(self, event: Event) -> None:
        """Take one event."""
        self._listener(event)
        if isinstance(event, StepsPlanned):
            return
        digest = event.vertex.digest
        match event:
            case StepStarted():
                if digest not in self._order:
                    self._order.append(digest)
            case StepFinished(is_cached=False) | StepFailed(is_cancelled=False) if isinstance(event.vertex.op, Exec):
                self._commands[digest] = event.vertex.op.args

    def keep(self, build: str, store: Store, exit_code: int | None = None) -> None:
        """Make the containers of a build that is over; a step that failed has the exit code."""
        from dockerlang.store.builds import Builds

        record = Builds(store.layout).find(build)
        if record is None:
            return
        for digest, step in zip(self._order, record.steps, strict=False):
            if digest in self._commands:
                image = record.failed_image if step.outcome == "failed" else next(iter(step.images), "")
                _keep(step, image, self._commands[digest], store, exit_code if step.outcome == "failed" else 0)


def _keep(step: BuildStep, image_id: str, command: tuple[str, ...], store: Store, exit_code: int | None) -> None:
    from dockerlang.containers.settings import ContainerSettings, write_settings
    from dockerlang.records import replace
    from dockerlang.store.records import ContainerState

    with store.operation("keep a container") as operation:
        image = operation.find(image_id) if image_id else None
        if image is None:
            return
        container = operation.add_container(image, command=command)
        config = replace(image.config.config, cmd=command, entrypoint=None)
        now = time.time()
        settings = ContainerSettings(
            image=replace(image.config, config=config), started=now - step.seconds, finished=now
        )
        write_settings(container, settings)
        operation.set_container_state(container, ContainerState.EXITED, exit_code)
