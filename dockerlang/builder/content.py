"""The content of selected files as one digest: what makes a COPY, or a RUN with a bind mount, another step.

A file counts with its type, mode, owner, link, attributes and data, but neither with its time nor, where it is selected
itself, with the directory that it stands in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from dockerlang.builder.file_list import FileList
from dockerlang.builder.files import SourceFile, walk
from dockerlang.builder.selection import Selected
from dockerlang.oci.tar import Kind
from dockerlang.semantics.ignore import Matcher


def content_digest(
    selected: Iterable[Selected], excludes: tuple[str, ...] = (), files: FileList | None = None, place: bytes = b""
) -> str:
    """The digest of the files that were selected, in their order.

    Each is noted in `files`, if that is given: under its path in its tree, or below `place` where there is one.
    """
    matcher = Matcher.of(excludes) if excludes else None
    hasher = hashlib.sha256()
    for item in selected:
        rows = list(_rows(item, matcher))
        item.tree.prepare([file for _, file in rows if file.entry.kind is Kind.FILE])
        for name, file in rows:
            header, content = _header(name, file), file.content_digest()
            hasher.update(header)
            hasher.update(content)
            if files is not None:
                files.add(place + name if place else file.path, header, content)
    return hasher.hexdigest()


def _rows(item: Selected, excludes: Matcher | None) -> Iterator[tuple[bytes, SourceFile]]:
    if not item.file.is_directory:
        yield item.parents or item.name, item.file
        return
    yield item.parents, item.file
    prefix = len(item.file.path) + 1 if item.file.path else 0
    for file in walk(item.tree, item.file.path):
        name = file.path[prefix:]
        if excludes is None or not excludes.matches(name.decode("utf-8", "surrogateescape")):
            yield item.parents + b"/" + name, file


def _header(name: bytes, file: SourceFile) -> bytes:
    entry = file.entry
    fields = [name, entry.kind.value, b"%o" % entry.mode, b"%d" % entry.uid, b"%d" % entry.gid, entry.link]
    fields += [b"%d:%d" % (entry.dev_major, entry.dev_minor)]
    fields += [part for key in sorted(entry.xattrs) for part in (key, entry.xattrs[key])]
    return b"".join(b"%d:%s," % (len(field), field) for field in fields) + b"\n"
