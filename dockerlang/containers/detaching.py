"""Runs a container in the background: a process of its own that outlives the command looks after it."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable

from dockerlang.containers.options import ContainerOptions
from dockerlang.containers.run import OWN_FAILURE, run_container
from dockerlang.errors import DockerlangError
from dockerlang.runtime.oci import OWN, runtime_called
from dockerlang.store.records import Container
from dockerlang.store.store import Store


def run_in_background(
    store: Store,
    image: str,
    options: ContainerOptions,
    runtime_name: str = OWN,
    warn: Callable[[str], None] = lambda message: None,
) -> str:
    """Start a container and leave it to a process in the background; the container's ID.

    Call it before threads exist. What keeps the container from starting is raised here; what becomes of it later is in
    its record and its log. `warn` is told of what is not as one would expect.
    """
    reading, writing = os.pipe2(os.O_CLOEXEC)
    # What is waiting in our buffers must not be written by both processes.
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _attend(store, image, options, writing, runtime_name)
    os.close(writing)
    try:
        with os.fdopen(reading, "rb") as pipe:
            answer = json.loads(pipe.read() or b'{"error": "the process that was to run the container has ended"}')
    except BaseException:
        # Interrupted before the container was announced: nobody would know of it.
        os.kill(child, signal.SIGTERM)
        raise
    for message in answer.get("warnings", ()):
        warn(message)
    if "id" in answer:
        return str(answer["id"])
    os.waitpid(child, 0)
    failure = DockerlangError(answer["error"], hint=answer.get("hint", ""))
    failure.exit_code = answer.get("code", OWN_FAILURE)
    raise failure


def _attend(store: Store, image: str, options: ContainerOptions, answers: int, runtime_name: str) -> None:
    """In the new process: run the container to its end. Never returns."""
    # Anything may go wrong here, and the command's own clean-up must never run twice: only `_exit` leaves.
    code = OWN_FAILURE
    warnings: list[str] = []
    try:
        os.setsid()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nowhere, stream)
        os.close(nowhere)
        os.chdir("/")

        def started(container: Container) -> None:
            _answer(answers, {"id": container.id, "warnings": warnings})

        with runtime_called(runtime_name) as runtime:
            code = run_container(store, runtime, image, options, started, warnings.append)
    except DockerlangError as error:
        _answer(answers, {"error": str(error), "hint": error.hint, "code": error.exit_code})
    finally:
        os._exit(code)


def _answer(pipe: int, answer: dict[str, object]) -> None:
    """Say how it went, once; after the first answer the pipe is closed and nobody listens."""
    try:
        os.write(pipe, json.dumps(answer).encode())
        os.close(pipe)
    except OSError:
        return
