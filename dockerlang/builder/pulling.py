"""A base image that is pulled, as a step of the build: displays and logs show it like any other."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from dockerlang.builder.events import (
    Listener,
    StepFailed,
    StepFinished,
    StepMissed,
    StepOutput,
    StepProgress,
    StepStarted,
)
from dockerlang.builder.graph import ImageSource, Vertex
from dockerlang.builder.reasons import Reasons
from dockerlang.errors import DockerlangError, NotFoundError
from dockerlang.oci.digest import Digest
from dockerlang.oci.platform import Platform
from dockerlang.oci.reference import Reference
from dockerlang.records import record


@record
class PullProgress:
    """What is told while an image comes: a line that says what has happened, or how many bytes are here of how many."""

    line: str = ""
    done: int = 0
    total: int = 0


Pull = Callable[[Reference, Platform, Callable[[PullProgress], None]], None]
"""Brings an image into the store under its name, and tells how that goes."""


def pull_as_step(pull: Pull, reference: Reference, platform: Platform, listener: Listener) -> None:
    """Pull an image, and tell it. Raises `NotFoundError` where it cannot be had."""
    # Which layers it has is not known yet: its name stands for them.
    named = Digest("sha256", hashlib.sha256(f"{reference} {platform}".encode()).hexdigest())
    vertex = Vertex(ImageSource(str(reference), named, (named,)), (), f"FROM {reference.familiar}")
    started = time.monotonic()
    size = 0

    def tell(progress: PullProgress) -> None:
        nonlocal size
        size = max(size, progress.total, progress.done)
        if progress.line:
            listener(StepOutput(vertex, progress.line.encode() + b"\n"))
        else:
            listener(StepProgress(vertex, progress.done, progress.total))

    listener(StepStarted(vertex))
    listener(StepMissed(vertex, Reasons.of_fetched()))
    try:
        pull(reference, platform, tell)
    except DockerlangError as error:
        listener(StepFailed(vertex, time.monotonic() - started, str(error)))
        if isinstance(error, NotFoundError):
            raise
        message = f"the image `{reference.familiar}` for {platform} cannot be pulled: {error}"
        raise NotFoundError(message, hint=error.hint) from error
    listener(StepFinished(vertex, False, time.monotonic() - started, size))
