"""Patterns of paths in a configuration: `*` and `?` within a folder, `**` over folders."""

from __future__ import annotations

import os
import re
from functools import lru_cache

from dockerlang.records import record


@record
class PerFileIgnore:
    """Codes that do not count in files whose path matches a pattern."""

    pattern: str
    codes: frozenset[str]


def matches_path(path: str, pattern: str) -> bool:
    """Whether a file is meant: a pattern without a slash by its name, one with a slash by its end.

    `ci/*.dockerfile` is met by `ci/a.dockerfile` and by `/home/ada/project/ci/a.dockerfile`.
    """
    shown = os.path.normpath(path).replace(os.sep, "/")
    return _compiled(pattern).search(shown) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    text = ""
    for part in re.split(r"(\*\*/|\*\*|\*|\?)", pattern.removeprefix("./").strip("/")):
        text += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(part, re.escape(part))
    return re.compile(rf"(?:\A|/){text}\Z", re.DOTALL)
