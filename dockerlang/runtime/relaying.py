"""Passes bytes and datagrams on from listening sockets to another network, in one thread."""

from __future__ import annotations

import errno
import resource
import select
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

_BLOCK = 1 << 18
_LARGEST_DATAGRAM = 1 << 16
_IDLE = 90.0  # seconds after which nobody answers a datagram any more
_IP_PKTINFO, _IPV6_PKTINFO = 8, 50
_SPARE_DESCRIPTORS = 64

Handler = Callable[[int], None]
"""Told of what has happened to a descriptor: the mask of epoll(7)."""


@dataclass(slots=True, eq=False)
class _End:
    """One side of a connection: `waiting` is what the other side has sent and this one has not taken yet."""

    connection: socket.socket
    waiting: bytes = b""
    has_ended: bool = False  # it sends nothing any more
    is_told: bool = False  # it knows that the other side sends nothing any more
    is_connected: bool = True
    interest: int = 0


@dataclass(slots=True, eq=False)
class _Conversation:
    """Datagrams of one client, which have a socket of their own on the other network."""

    inner: socket.socket
    listener: socket.socket
    client: tuple[object, ...]
    answers_from: list[tuple[int, int, bytes]] = field(default_factory=list)
    last: float = 0.0


class Relay:
    """Passes on what comes to its sockets to the same address."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._epoll = select.epoll()
        self._handlers: dict[int, Handler] = {}
        self._listeners: dict[int, socket.socket] = {}
        self._conversations: dict[tuple[int, object], _Conversation] = {}
        self._room = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _SPARE_DESCRIPTORS
        self._is_full = False

    def add(self, listener: socket.socket, port: int) -> None:
        """Lead a bound socket that does not block, of streams or of datagrams, to a port."""
        if listener.type == socket.SOCK_STREAM:
            self._watch(listener, select.EPOLLIN, lambda _: self._accept(listener, port))
            self._listeners[listener.fileno()] = listener
        else:
            self._watch(listener, select.EPOLLIN, lambda _: self._take_datagrams(listener, port))

    def run(self) -> None:
        """For ever."""
        while True:
            for descriptor, happened in self._epoll.poll(_IDLE if self._conversations else None):
                handler = self._handlers.get(descriptor)
                if handler is not None:
                    handler(happened)
            if self._conversations:
                self._forget_idle_ones()

    def _watch(self, watched: socket.socket, interest: int, handler: Handler) -> None:
        self._handlers[watched.fileno()] = handler
        self._epoll.register(watched.fileno(), interest)

    def _drop(self, *sockets: socket.socket) -> None:
        for each in sockets:
            del self._handlers[each.fileno()]
            with suppress(FileNotFoundError):
                self._epoll.unregister(each.fileno())
            each.close()
        if self._is_full and len(self._handlers) < self._room:
            self._is_full = False
            for descriptor in self._listeners:
                self._epoll.modify(descriptor, select.EPOLLIN)

    def _accept(self, listener: socket.socket, port: int) -> None:
        if len(self._handlers) + 2 > self._room:
            # Who comes now waits in the kernel's queue.
            self._is_full = True
            for descriptor in self._listeners:
                self._epoll.modify(descriptor, 0)
            return
        try:
            client = _End(listener.accept()[0])
        except OSError:
            # It has gone again.
            return
        server = _End(socket.socket(socket.AF_INET, socket.SOCK_STREAM), is_connected=False)
        for end, other in ((client, server), (server, client)):
            end.connection.setblocking(False)
            end.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._watch(end.connection, 0, partial(self._move, end, other))
        failure = server.connection.connect_ex((self._address, port))
        if failure not in (0, errno.EINPROGRESS):
            self._drop(client.connection, server.connection)
            return
        self._show_interest(client, server)

    def _move(self, end: _End, other: _End, happened: int) -> None:
        """Go on after something has happened at one end."""
        try:
            if not end.is_connected:
                failure = end.connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if failure:
                    raise OSError(failure, "cannot connect")
                end.is_connected = True
            if happened & select.EPOLLERR:
                raise ConnectionResetError
            if happened & (select.EPOLLIN | select.EPOLLHUP) and not end.has_ended and not other.waiting:
                other.waiting = end.connection.recv(_BLOCK)
                end.has_ended = not other.waiting
            for each in (end, other):
                _send(each)
            for each, sender in ((end, other), (other, end)):
                if sender.has_ended and not each.waiting and each.is_connected and not each.is_told:
                    each.is_told = True
                    each.connection.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            pass
        except OSError:
            return self._drop(end.connection, other.connection)
        if end.is_told and other.is_told:
            return self._drop(end.connection, other.connection)
        return self._show_interest(end, other)

    def _show_interest(self, *ends: _End) -> None:
        for end, other in (ends, ends[::-1]):
            if end.has_ended and end.is_told:
                # There is nothing left to wait for but its end, of which the kernel would tell without end.
                with suppress(FileNotFoundError):
                    self._epoll.unregister(end.connection.fileno())
                continue
            interest = select.EPOLLIN if end.is_connected and not end.has_ended and not other.waiting else 0
            if end.waiting or not end.is_connected:
                interest |= select.EPOLLOUT
            if interest != end.interest:
                end.interest = interest
                self._epoll.modify(end.connection.fileno(), interest)

    def _take_datagrams(self, listener: socket.socket, port: int) -> None:
        try:
            data, ancillary, _, client = listener.recvmsg(_LARGEST_DATAGRAM, 128)
        except OSError:
            # Somebody whom an answer did not reach.
            return
        conversation = self._conversations.get((listener.fileno(), client))
        if conversation is None:
            if len(self._handlers) + 1 > self._room:
                return
            inner = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            inner.setblocking(False)
            inner.connect((self._address, port))
            conversation = _Conversation(inner, listener, client, _same_address(ancillary))
            self._conversations[listener.fileno(), client] = conversation
            self._watch(inner, select.EPOLLIN, partial(_answer, conversation))
        conversation.last = time.monotonic()
        try:
            conversation.inner.send(data)
        except OSError:
            # Nobody listens there, or the queue is full: datagrams may get lost.
            return

    def _forget_idle_ones(self) -> None:
        oldest = time.monotonic() - _IDLE
        for key, conversation in list(self._conversations.items()):
            if conversation.last < oldest:
                del self._conversations[key]
                self._drop(conversation.inner)


def _send(end: _End) -> None:
    if end.waiting and end.is_connected:
        end.waiting = end.waiting[end.connection.send(end.waiting) :]


def _answer(conversation: _Conversation, _: int) -> None:
    try:
        data = conversation.inner.recv(_LARGEST_DATAGRAM)
        conversation.listener.sendmsg([data], conversation.answers_from, 0, conversation.client)
    except OSError:
        return
    conversation.last = time.monotonic()


def _same_address(ancillary: list[tuple[int, int, bytes]]) -> list[tuple[int, int, bytes]]:
    """What makes an answer come from the address that was asked; the kernel would choose by the way back."""
    for level, kind, data in ancillary:
        if (level, kind) == (socket.IPPROTO_IP, _IP_PKTINFO):
            return [(level, kind, struct.pack("i4s4x", 0, data[4:8]))]
        if (level, kind) == (socket.IPPROTO_IPV6, _IPV6_PKTINFO):
            return [(level, kind, data)]
    return []
