"""The tree of errors that the outside world can cause.

A user's mistake in a Dockerfile is a `Diagnostic`, not an exception; a bug of ours is an assertion. What is left (a
missing file, a full disk, a broken archive) is a branch of `DockerlangError`, whose message names the thing and the
cause and whose `hint` names the next step.
"""

from __future__ import annotations


class DockerlangError(Exception):
    """An outside failure; `str()` is one line for people, `hint` the next step (may be empty)."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(DockerlangError):
    """The command line asks for something that cannot be."""

    exit_code = 125


class InputError(DockerlangError):
    """A file or stream that was to be read is missing, unreadable or not what it claims to be."""


class LimitError(InputError):
    """An input is larger than we are willing to read; the message names the limit."""


class NotFoundError(DockerlangError):
    """Something that was named (an image, a container, a stage) does not exist."""


class ConflictError(DockerlangError):
    """What was asked for is refused because something else still uses the thing."""


class StoreError(DockerlangError):
    """The local store cannot be opened, read or written."""


class RuntimeFailure(DockerlangError):
    """A process could not be started, or its root not be prepared."""
