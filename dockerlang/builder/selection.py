"""Which files the sources of a COPY name: paths, patterns, and with `--parents` the part of the path to keep."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from dockerlang.builder.files import SourceFile, SourceTree, normalise, resolve
from dockerlang.builder.graph import CopyFiles
from dockerlang.errors import NotFoundError
from dockerlang.records import record, replace
from dockerlang.semantics.gomatch import match_path
from dockerlang.semantics.ignore import Matcher

_WILDCARDS = frozenset(b"*?[")


class MissingSource(NotFoundError):
    """Nothing is at a source's path, which holds no wildcard."""

    def __init__(self, source: str) -> None:
        super().__init__(f"`{source}` does not exist")
        self.source = source


@record
class Selected:
    """One source after wildcards and links: the file and its tree, its name at the destination, the path to keep.

    A file that is an archive is unpacked with `unpacks`.
    """

    file: SourceFile
    tree: SourceTree
    name: bytes
    parents: bytes = b""
    unpacks: bool = False


def select(operation: CopyFiles, trees: Sequence[SourceTree]) -> list[Selected]:
    """The files that the sources name, in order; `trees` are the inputs from the second on. Raises `MissingSource`."""
    choose = _select_parents if operation.keeps_parents else _select
    selected: list[Selected] = []
    for source in operation.sources:
        found = choose(source.path, trees[source.input - 1])
        selected.extend(replace(item, unpacks=source.unpacks) for item in found)
    return selected


def _select(source: str, tree: SourceTree) -> Iterator[Selected]:
    path = normalise(source)
    if not _WILDCARDS.intersection(path):
        yield Selected(_followed(tree, path, source), tree, posixpath.basename(path))
        return
    for match in _matches(tree, path):
        yield Selected(_followed(tree, match, source), tree, posixpath.basename(match))


def _followed(tree: SourceTree, path: bytes, source: str) -> SourceFile:
    file = resolve(tree, path)
    if file is None:
        shown = source if not _WILDCARDS.intersection(normalise(source)) else path.decode("utf-8", "replace")
        raise MissingSource(shown)
    return file


def _matches(tree: SourceTree, pattern: bytes) -> Iterator[bytes]:
    """The paths that a pattern matches, component by component; a directory that matches is not entered."""
    parts = pattern.split(b"/")
    plain = next(index for index, part in enumerate(parts) if _WILDCARDS.intersection(part))
    start = resolve(tree, b"/".join(parts[:plain]))
    if start is None or not start.is_directory:
        return
    prefix = b"/".join(parts[:plain])
    yield from _matches_below(tree, start.path, prefix, parts[plain:])


def _matches_below(tree: SourceTree, directory: bytes, prefix: bytes, parts: list[bytes]) -> Iterator[bytes]:
    for child in tree.children(directory):
        name = child.path.rpartition(b"/")[2]
        if not match_path(parts[0].decode("utf-8", "surrogateescape"), name.decode("utf-8", "surrogateescape")):
            continue
        path = prefix + b"/" + name if prefix else name
        if len(parts) == 1:
            yield path
        elif child.is_directory:
            yield from _matches_below(tree, child.path, path, parts[1:])


def _select_parents(source: str, tree: SourceTree) -> Iterator[Selected]:
    """`--parents`: the path of a source below its pivot (`/./`) is kept; `**` crosses directories; links stay links."""
    before, pivot, after = source.partition("/./")
    base, pattern = (normalise(before), normalise(after)) if pivot else (b"", normalise(source))
    if not _WILDCARDS.intersection(pattern) and not _WILDCARDS.intersection(base):
        path = b"/".join(part for part in (base, pattern) if part)
        file = tree.get(path)
        if file is None or not _is_reached_plainly(tree, path):
            raise MissingSource(source)
        yield Selected(file, tree, posixpath.basename(path), pattern)
        return
    bases = list(_matches(tree, base)) if _WILDCARDS.intersection(base) else [base]
    matcher = Matcher.of([pattern.decode("utf-8", "surrogateescape")])
    for start in bases:
        yield from _parents_below(tree, start, start, matcher)


def _is_reached_plainly(tree: SourceTree, path: bytes) -> bool:
    parents = path.split(b"/")[:-1]
    files = (tree.get(b"/".join(parents[:count])) for count in range(1, len(parents) + 1))
    return all(file is not None and file.is_directory for file in files)


def _parents_below(tree: SourceTree, base: bytes, directory: bytes, matcher: Matcher) -> Iterator[Selected]:
    for child in tree.children(directory):
        kept = child.path[len(base) + 1 :] if base else child.path
        if matcher.matches(kept.decode("utf-8", "surrogateescape")):
            yield Selected(child, tree, posixpath.basename(child.path), kept)
        elif child.is_directory:
            yield from _parents_below(tree, base, child.path, matcher)
