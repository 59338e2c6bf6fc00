"""Where WORKDIR leads; section 2.8 of the language."""

from __future__ import annotations

import posixpath


def working_directory(current: str, path: str) -> str:
    """The working directory after `WORKDIR path`: an absolute path is kept as it is written, a relative one is joined
    to the current directory and tidied, an empty one changes nothing."""
    if not path:
        return current
    if path.startswith("/"):
        return path
    return "/" + posixpath.normpath(posixpath.join("/", current, path)).lstrip("/")
