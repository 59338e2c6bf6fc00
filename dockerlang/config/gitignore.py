"""Which files git leaves alone: the `.gitignore` of a folder and of those above it, as gitignore(5) has them.

What `.git/info/exclude` and a user's own configuration say is not looked at: a run should find the same for everyone.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache

from dockerlang.records import record

NAME = ".gitignore"


@record
class _Pattern:
    regex: re.Pattern[str]
    is_negated: bool
    only_folders: bool


@record
class GitIgnore:
    """The patterns that hold in a folder: those of its own file count more than those of the folders above."""

    folder: str
    patterns: tuple[_Pattern, ...] = ()
    above: GitIgnore | None = None

    def below(self, folder: str) -> GitIgnore:
        """What holds in a folder below this one."""
        patterns = _read(folder)
        return GitIgnore(folder, patterns, self) if patterns else self

    def ignores(self, path: str, *, is_folder: bool) -> bool:
        """Whether a path below the folder is left alone, as far as the patterns go: ignored folders hide all below."""
        inside = os.path.relpath(path, self.folder).replace(os.sep, "/")
        for pattern in reversed(self.patterns):
            if (is_folder or not pattern.only_folders) and pattern.regex.fullmatch(inside):
                return not pattern.is_negated
        return self.above is not None and self.above.ignores(path, is_folder=is_folder)


def git_ignore_of(folder: str) -> GitIgnore:
    """What holds in a folder: its own file and those above, up to the repository's root; nothing outside of one."""
    place = os.path.abspath(folder)
    folders = [place]
    while not os.path.exists(os.path.join(place, ".git")):
        parent = os.path.dirname(place)
        if parent == place:
            return GitIgnore(os.path.abspath(folder))
        place = parent
        folders.append(place)
    found = GitIgnore(folders[-1], _read(folders[-1]))
    for each in reversed(folders[:-1]):
        found = found.below(each)
    return found


def _read(folder: str) -> tuple[_Pattern, ...]:
    try:
        with open(os.path.join(folder, NAME), encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().split("\n")
    except OSError:
        return ()
    return tuple(pattern for line in lines if (pattern := _pattern(line.rstrip("\r"))) is not None)


@lru_cache(maxsize=1024)
def _pattern(line: str) -> _Pattern | None:
    if line.startswith("#"):
        return None
    # Blanks at the end count only where they are escaped.
    text = re.sub(r"(?<!\\)[ \t]+$", "", line)
    is_negated = text.startswith("!")
    text = text[1:] if is_negated else text
    only_folders = text.endswith("/")
    text = text.rstrip("/")
    if not text:
        return None
    is_anchored = "/" in text
    regex = _translated(text.removeprefix("/"))
    return _Pattern(re.compile(regex if is_anchored else f"(?:.*/)?{regex}", re.DOTALL), is_negated, only_folders)


_PARTS = re.compile(
    r"(?P<any>^\*\*/|/\*\*/)|(?P<below>/\*\*$)|(?P<star>\*+)|(?P<one>\?)|(?P<set>\[!?\]?[^\]]*\])|\\(?P<literal>.)"
)


def _translated(text: str) -> str:
    parts = []
    at = 0
    for match in _PARTS.finditer(text):
        parts.append(re.escape(text[at : match.start()]))
        at = match.end()
        match match.lastgroup:
            case "any":
                parts.append("(?:.*/)?" if match.start() == 0 else "/(?:.*/)?")
            case "below":
                parts.append("/.+")
            case "star":
                parts.append("[^/]*")
            case "one":
                parts.append("[^/]")
            case "set":
                inner = match["set"][1:-1]
                is_inverted = inner.startswith(("!", "^"))
                chosen = inner[1:] if is_inverted else inner
                parts.append(
                    f"[{'^/' if is_inverted else ''}{chosen.replace(chr(92), chr(92) * 2).replace('[', chr(92) + '[')}]"
                )
            case _:
                parts.append(re.escape(match["literal"]))
    parts.append(re.escape(text[at:]))
    return "".join(parts)
