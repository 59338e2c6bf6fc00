"""Formats files: what changes in one, how the change is shown, and how it is written back."""

from __future__ import annotations

import difflib
import os
import tempfile
from pathlib import Path

from dockerlang.errors import InputError
from dockerlang.formatter.options import Options
from dockerlang.formatter.printer import format_document
from dockerlang.records import record
from dockerlang.syntax import nodes, parse
from dockerlang.text import Source, encode


@record
class Outcome:
    """A file before and after."""

    source: Source
    formatted: str

    @property
    def is_changed(self) -> bool:
        """Whether the file was not in the style."""
        return self.source.text != self.formatted

    def difference(self, done: str = "formatted") -> str:
        """The change as a unified diff; empty where there is none. `done` says what was done to the file."""
        name = self.source.name
        lines = difflib.unified_diff(
            _diff_lines(self.source.text), _diff_lines(self.formatted), name, f"{name} ({done})"
        )
        return "".join(lines)


def format_source(source: Source, options: Options) -> Outcome:
    """Format one text; nothing is written. Raises `InputError` for a binary file: zero bytes, and not one FROM."""
    document = parse(source)
    if "\0" in source.text and not any(document.all_of(nodes.From)):
        raise InputError(f"cannot format {source.name}: it is a binary file")
    return Outcome(source, format_document(document, options))


def write_back(path: Path, text: str) -> None:
    """Replace a file's content at once, so that nobody ever reads half of it; its mode stays.

    A symbolic link stays one, and the file it leads to is written. Raises `InputError` where that is not possible, and
    for a file that may not be written to, although its folder would allow to put another in its place.
    """
    target = path.resolve()
    if not os.access(target, os.W_OK):
        raise InputError(f"cannot write {path}: permission denied")
    try:
        mode = target.stat().st_mode
        descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(encode(text))
                os.fchmod(stream.fileno(), mode & 0o7777)
                _keep_owner(stream.fileno(), target)
            os.replace(temporary, target)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise InputError(f"cannot write {path}: {(error.strerror or str(error)).lower()}") from error


def _keep_owner(descriptor: int, target: Path) -> None:
    """Give the new file the old one's owner where we may; root formatting a user's file must not take it away."""
    status = target.stat()
    if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()) and os.geteuid() == 0:
        os.fchown(descriptor, status.st_uid, status.st_gid)


def _diff_lines(text: str) -> list[str]:
    """Lines that end in LF alone, with a remark where the last one has no line ending."""
    lines = [line + "\n" for line in text.split("\n")]
    if text.endswith("\n") or not text:
        return lines[:-1]
    return [*lines[:-1], lines[-1] + "\\ No newline at end of file\n"]
