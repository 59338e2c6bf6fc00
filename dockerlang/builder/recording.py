"""Keeps what a build did: listens to its events, writes the log while steps run, and the record in the end.

A build whose steps all come from the cache writes one small file.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dockerlang.builder import events
from dockerlang.builder.events import Listener
from dockerlang.builder.failure import BuildFailure
from dockerlang.builder.plain import PlainText
from dockerlang.errors import DockerlangError
from dockerlang.records import replace
from dockerlang.store.builds import BuildLog, BuildRecord, Builds, BuildStep

MAX_STEP_LOG = 8 << 20
MAX_LOG = 64 << 20
"""Bytes of output that the log keeps of one step, and of all: of what is more, the end."""
_TAIL = 64 << 10


@contextmanager
def recorded(builds: Builds, record: BuildRecord, listener: Listener) -> Iterator[Recorder]:
    """Record the build that the block does; its events go to `listener`, too. The block ends the record itself if all
    goes well."""
    recorder = Recorder(builds, record, listener)
    try:
        yield recorder
    except BuildFailure as failure:
        failure.build = record.id
        recorder.end("failed", failed_image=failure.failed_image, message=str(failure), images=failure.step_images)
        raise
    except DockerlangError as error:
        recorder.end("failed", message=str(error))
        raise
    except BaseException:
        recorder.end("cancelled")
        raise


class Recorder:
    """Records one build."""

    def __init__(self, builds: Builds, record: BuildRecord, listener: Listener) -> None:
        self.record = record
        self._listener = listener
        self._builds = builds
        self._steps: dict[str, BuildStep] = {}
        self._plain = PlainText()
        self._early: list[str] = []
        self._log: BuildLog | None = None
        self._room: dict[str, int] = {}
        self._room_for_all = MAX_LOG
        self._tails: dict[str, bytes] = {}
        self._left_out: dict[str, int] = {}

    def listen(self, event: events.Event) -> None:
        """Take one event."""
        self._listener(event)
        if isinstance(event, events.StepsPlanned | events.StepProgress):
            return
        digest = event.vertex.digest
        match event:
            case events.StepStarted():
                self._steps[digest] = self._new_step(event)
            case events.StepMissed():
                reason = event.reason
                self._change(digest, cause=reason.cause.value, reason=reason.message, details=reason.details)
                self._begin_log()
            case events.StepOutput():
                self._output(event)
                return
            case events.StepFinished():
                outcome = "cached" if event.is_cached else "done"
                self._change(digest, outcome=outcome, seconds=round(event.seconds, 3), size=event.size)
            case events.StepFailed():
                outcome = "cancelled" if event.is_cancelled else "failed"
                self._change(digest, outcome=outcome, seconds=round(event.seconds, 3))
        if isinstance(event, events.StepFinished | events.StepFailed):
            self._write_tail(event)
        self._write(self._plain.text(event))

    def end(
        self,
        status: str,
        *,
        image: str = "",
        failed_image: str = "",
        message: str = "",
        images: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        """Write the record; `images` are those of each step, by the digest of its vertex. Also ends the log."""
        known = images or {}
        steps = (step._replace(images=known.get(digest, ())) for digest, step in self._steps.items())
        self.record = self.record._replace(
            status=status,
            seconds=round(time.time() - self.record.started, 3),
            image=image,
            failed_image=failed_image,
            message=message,
            steps=tuple(steps),
        )
        if self._log is not None:
            self._log.close()
        self._builds.write(self.record)

    def _new_step(self, event: events.StepStarted) -> BuildStep:
        vertex = event.vertex
        origin = vertex.origin
        return BuildStep(
            number=self._plain.number(event),
            name=vertex.name,
            outcome="running",
            stage="" if origin is None else origin.stage,
        )

    def _change(self, digest: str, **fields: Any) -> None:
        self._steps[digest] = self._steps[digest]._replace(**fields)

    def _begin_log(self) -> None:
        if self._log is None:
            self._log = self._builds.open_log(self.record.id)
            self._builds.write(self.record)
            early, self._early = "".join(self._early), []
            self._write(early)

    def _output(self, event: events.StepOutput) -> None:
        """Write output as far as there is room; of what comes after, keep the end."""
        digest = event.vertex.digest
        room = min(self._room.get(digest, MAX_STEP_LOG), self._room_for_all)
        now, later = event.data[:room], event.data[room:]
        self._room[digest] = self._room.get(digest, MAX_STEP_LOG) - len(now)
        self._room_for_all -= len(now)
        if now:
            self._write(self._plain.text(replace(event, data=now)))
        if later:
            kept = self._tails.get(digest, b"") + later
            self._tails[digest] = kept[-_TAIL:]
            self._left_out[digest] = self._left_out.get(digest, 0) + len(kept) - len(self._tails[digest])

    def _write_tail(self, event: events.StepFinished | events.StepFailed) -> None:
        digest = event.vertex.digest
        tail = self._tails.pop(digest, b"")
        if tail:
            said = b"\n[%d bytes of output are left out here]\n" % self._left_out.get(digest, 0)
            self._write(self._plain.text(events.StepOutput(event.vertex, said + tail)))

    def _write(self, text: str) -> None:
        if not text:
            return
        if self._log is None:
            self._early.append(text)
        else:
            self._log.write(text)
