"""Progress for programs: a JSON object a line in the form of BuildKit's `SolveStatus`, as `--progress rawjson` gives.

Vertexes come when they begin and when they end, statuses say what a step waits for, logs hold output in base64. Times
are RFC 3339 in UTC.
"""

from __future__ import annotations

import base64
import json
import sys
import time
from typing import Any

from dockerlang.builder import events
from dockerlang.cli.output.progress import QuietDisplay
from dockerlang.cli.output.units import rfc3339_nano

_BRINGING = "downloading"
_WAITING = "waiting for another build"


class RawJsonDisplay(QuietDisplay):
    """Writes to the error output, as all progress."""

    def __init__(self) -> None:
        self._vertexes: dict[str, dict[str, Any]] = {}
        self._waiting: dict[str, dict[str, Any]] = {}

    def listen(self, event: events.Event) -> None:
        if isinstance(event, events.StepsPlanned):
            return
        now = rfc3339_nano(time.time_ns())
        digest = f"sha256:{event.vertex.digest}"
        match event:
            case events.StepStarted():
                inputs = [f"sha256:{parent.digest}" for parent in event.vertex.inputs]
                vertex = {"digest": digest, **({"inputs": inputs} if inputs else {}), "name": event.vertex.name}
                self._vertexes[digest] = vertex
                self._tell("vertexes", {**vertex, "started": now})
                vertex["started"] = now
            case events.StepWaiting():
                status = {"id": _WAITING, "vertex": digest, "current": 0, "timestamp": now, "started": now}
                self._waiting[digest] = status
                self._tell("statuses", status)
            case events.StepProgress():
                started = self._vertexes[digest].get("started", now)
                numbers = {"current": event.done, "total": event.total} if event.total else {"current": event.done}
                self._tell(
                    "statuses", {"id": _BRINGING, "vertex": digest, **numbers, "timestamp": now, "started": started}
                )
            case events.StepOutput():
                data = base64.b64encode(event.data).decode("ascii")
                self._tell("logs", {"vertex": digest, "stream": event.stream, "data": data, "timestamp": now})
            case events.StepFinished():
                self._end(digest, now, {"cached": True} if event.is_cached else {})
            case events.StepFailed():
                self._end(digest, now, {"error": "context canceled" if event.is_cancelled else event.message})

    def _end(self, digest: str, now: str, outcome: dict[str, Any]) -> None:
        if digest in self._waiting:
            self._tell("statuses", {**self._waiting.pop(digest), "timestamp": now, "completed": now})
        self._tell("vertexes", {**self._vertexes[digest], "completed": now, **outcome})

    @staticmethod
    def _tell(kind: str, entry: dict[str, Any]) -> None:
        sys.stderr.write(json.dumps({kind: [entry]}, separators=(",", ":")) + "\n")
        sys.stderr.flush()
