"""What a source of COPY or ADD is: a path of the context, a URL, a git repository, an archive."""

from __future__ import annotations

import re

from dockerlang.linter.words import unquoted
from dockerlang.syntax import nodes

# BuildKit looks at the content; by these endings people say that they mean an archive.
_ARCHIVE = re.compile(
    r"\.(?:tar(?:\.[A-Za-z0-9]+)?|tgz|tbz2?|tb2|txz|tlz|tzst|gz|bz2|xz|lz|lzma|zst|Z)\Z", re.IGNORECASE
)
_TAR = re.compile(r"\.(?:tar(?:\.[A-Za-z0-9]+)?|tgz|tbz2?|tb2|txz|tlz|tzst)\Z", re.IGNORECASE)
_REMOTE = re.compile(r"(?:https?|git|ssh)://|git@|[^/]+@[^/:]+:", re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:")


def is_remote(path: str) -> bool:
    """Whether the source is downloaded: a URL or a git repository."""
    return _REMOTE.match(path) is not None


def is_archive(path: str) -> bool:
    """Whether the name is that of something that ADD unpacks."""
    return _ARCHIVE.search(path) is not None


def is_tar_archive(path: str) -> bool:
    """Whether the name is that of a tar archive, compressed or not."""
    return _TAR.search(path) is not None


def is_absolute(path: str) -> bool:
    """Whether a destination is absolute, on Linux or on Windows."""
    return path.startswith("/") or _DRIVE.match(path) is not None


def text_of(argument: nodes.Word | nodes.Heredoc) -> str:
    """An argument's text without quotes; of a heredoc the name of the file that it makes."""
    return argument.delimiter if isinstance(argument, nodes.Heredoc) else unquoted(argument)
