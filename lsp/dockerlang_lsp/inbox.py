"""Messages of the client, read ahead by a thread: so the server knows whether more is waiting before it starts on
something long, and a request that was cancelled while it waited is never begun."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections import deque
from collections.abc import Iterator
from typing import Any, BinaryIO

_CONTENT_LENGTH = re.compile(rb"Content-Length: *(\d+)\s*", re.IGNORECASE)
_CANCEL = "$/cancelRequest"


class Inbox:
    """The messages in the order in which they came."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._waiting: deque[dict[str, Any] | None] = deque()
        self._has_more = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        # A thread that waits for a silent client must not keep the process alive.
        threading.Thread(target=self._read, name="inbox", daemon=True).start()

    async def next(self) -> dict[str, Any] | None:
        """The next message, its keys as they were sent; None when the client is gone."""
        while not self._waiting:
            self._has_more.clear()
            if not self._waiting:
                await self._has_more.wait()
        return self._waiting.popleft()

    def cancelled(self) -> Iterator[object]:
        """The ids of waiting requests that other waiting messages cancel; both are taken out."""
        for cancel in [message for message in self._waiting if message and message.get("method") == _CANCEL]:
            wanted = _id_of(cancel.get("params"))
            for message in list(self._waiting):
                if message and "method" in message and wanted is not None and message.get("id") == wanted:
                    self._waiting.remove(message)
                    self._waiting.remove(cancel)
                    yield wanted
                    break

    def _read(self) -> None:
        for body in bodies(self._stream):
            try:
                message = json.loads(body)
            except (ValueError, RecursionError):
                # Not JSON: nobody can be told, for there is no id to answer to.
                continue
            if isinstance(message, dict):
                self._put(message)
        self._put(None)

    def _put(self, message: dict[str, Any] | None) -> None:
        self._waiting.append(message)
        try:
            self._loop.call_soon_threadsafe(self._has_more.set)
        except RuntimeError:
            # The server has ended meanwhile.
            return


def bodies(stream: BinaryIO) -> Iterator[bytes]:
    """The bodies of all messages of a stream; lines that are no header are passed over."""
    length = 0
    while line := stream.readline():
        match = _CONTENT_LENGTH.fullmatch(line)
        if match is not None:
            length = int(match[1])
        elif length and not line.strip():
            body = stream.read(length)
            if len(body) < length:
                return
            yield body
            length = 0


def _id_of(params: object) -> object:
    return params.get("id") if isinstance(params, dict) else None
