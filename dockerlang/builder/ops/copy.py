"""COPY and ADD: which files of the source go where, and with which owner and mode.

The rules are BuildKit's (its file operation "copy" with the attributes that the Dockerfile frontend sets), in the order
in which they act: the destination's form, wildcards, links at the top, then directory or file.
"""

from __future__ import annotations

from dockerlang.builder.files import SourceFile, SourceTree, normalise, walk
from dockerlang.builder.graph import CopyFiles
from dockerlang.builder.ops.archive import unpack_archive
from dockerlang.builder.selection import Selected
from dockerlang.builder.workspace import CopyConflict, Workspace
from dockerlang.oci.tar import Entry, Kind
from dockerlang.records import record, replace
from dockerlang.semantics.chmod import ModeChange, parse_mode
from dockerlang.semantics.ignore import Matcher


@record
class Attributes:
    """What `--chown` and `--chmod` make of the copied files; None keeps what they have."""

    owner: tuple[int, int] | None
    mode: ModeChange | None

    def apply(self, entry: Entry) -> Entry:
        """The entry as it arrives."""
        if self.owner is not None:
            entry = replace(entry, uid=self.owner[0], gid=self.owner[1])
        if self.mode is not None and entry.kind is not Kind.SYMLINK:
            entry = replace(entry, mode=self.mode.apply(entry.mode, is_directory=entry.kind is Kind.DIRECTORY))
        return entry


def attributes_of(operation: CopyFiles, owner: tuple[int, int] | None) -> Attributes:
    """The attributes that an operation gives; `owner` is its `--chown` after names were looked up."""
    return Attributes(owner, parse_mode(operation.mode) if operation.mode else None)


def copy_files(operation: CopyFiles, selected: list[Selected], workspace: Workspace, attributes: Attributes) -> None:
    """Put the selected files and the inline files into the workspace."""
    excludes = Matcher.of(operation.excludes) if operation.excludes else None
    is_directory = operation.destination.endswith("/")
    target = normalise(operation.destination)
    copier = _Copier(workspace, attributes, excludes)
    if operation.keeps_parents:
        # The destination is a directory in any case, and is made even if no pattern matches.
        copier.make_parents(target)
    for item in selected:
        if item.unpacks and _unpack(item, target, copier):
            continue
        if operation.keeps_parents:
            copier.copy_keeping(item, target)
        else:
            copier.copy(item, target, is_directory=is_directory)
    for file in operation.inline_files:
        data = file.content.encode("utf-8", "surrogateescape")
        copier.put_inline(file.name.encode("utf-8", "surrogateescape"), data, target, is_directory=is_directory)


def _unpack(item: Selected, target: bytes, copier: _Copier) -> bool:
    if item.file.entry.kind is not Kind.FILE:
        return False
    return unpack_archive(item.file, target, copier.workspace, copier.attributes.owner)


class _Copier:
    """The state of one copy: where from, where to, what changes on the way."""

    def __init__(self, workspace: Workspace, attributes: Attributes, excludes: Matcher | None) -> None:
        self.workspace = workspace
        self.attributes = attributes
        self._excludes = excludes

    def copy(self, item: Selected, target: bytes, *, is_directory: bool) -> None:
        if item.file.is_directory:
            self._copy_directory(item, target)
            return
        resolved = self.workspace.resolve(target)
        existing = self.workspace.get(resolved)
        if is_directory or (existing is not None and existing.kind is Kind.DIRECTORY):
            self._copy_file(item.tree, item.file, self._in(target, item.name))
        else:
            self._copy_file(item.tree, item.file, resolved)

    def put_inline(self, name: bytes, data: bytes, target: bytes, *, is_directory: bool) -> None:
        resolved = self.workspace.resolve(target)
        existing = self.workspace.get(resolved)
        if is_directory or (existing is not None and existing.kind is Kind.DIRECTORY):
            resolved = self._in(target, name)
        self.make_parents(resolved.rpartition(b"/")[0])
        entry = Entry(resolved, Kind.FILE, mode=0o644, size=len(data), mtime_ns=self.workspace.now)
        self.workspace.put(self.attributes.apply(entry), data)

    def copy_keeping(self, item: Selected, target: bytes) -> None:
        """Copy one file or directory together with the directories of its kept path."""
        steps = item.parents.split(b"/")
        base = item.file.path[: len(item.file.path) - len(item.parents)].rstrip(b"/")
        at = target
        for count in range(1, len(steps)):
            source = item.tree.get(b"/".join([*([base] if base else []), *steps[:count]]))
            at = b"/".join([*([target] if target else []), *steps[:count]])
            if source is not None:
                self._put_directory(source, at)
        final = b"/".join([*([target] if target else []), *steps])
        if item.file.is_directory:
            self._put_directory(item.file, final)
            self._copy_contents(item, final, len(base) + 1 if base else 0)
        elif not self._is_excluded(item.parents):
            self._copy_file(item.tree, item.file, final)

    def make_parents(self, path: bytes) -> bytes:
        """Create missing parents: mode 0755 and root's, but for what `--chown` and `--chmod` say."""
        entry = self.attributes.apply(Entry(b"", Kind.DIRECTORY, mode=0o755))
        # Special bits are lost on parents.
        return self.workspace.make_directories(path, mode=entry.mode & 0o777, uid=entry.uid, gid=entry.gid)

    def _in(self, directory: bytes, name: bytes) -> bytes:
        """The path of `name` in the destination directory, which is created; a link there is followed."""
        made = self.make_parents(directory)
        path = made + b"/" + name if made else name
        return self.workspace.resolve(path)

    def _copy_directory(self, item: Selected, target: bytes) -> None:
        source = item.file
        resolved = self.workspace.resolve(target)
        existing = self.workspace.get(resolved)
        if existing is None:
            self.make_parents(resolved.rpartition(b"/")[0])
            # The copy of a whole tree is a new directory: its root has no time of its own.
            entry = source.entry if source.path else replace(source.entry, mtime_ns=self.workspace.now)
            self._put(entry, resolved)
        elif existing.kind is not Kind.DIRECTORY:
            raise CopyConflict(f"/{resolved.decode('utf-8', 'replace')} exists and is not a directory")
        self._copy_contents(item, resolved, len(source.path) + 1 if source.path else 0)

    def _copy_contents(self, item: Selected, target: bytes, prefix: int) -> None:
        """Copy what is in a directory; patterns of `--exclude` see paths from `prefix` on."""
        made: dict[bytes, bytes] = {item.file.path: target}
        skipped: list[bytes] = []
        for file in walk(item.tree, item.file.path):
            parent, _, name = file.path.rpartition(b"/")
            if skipped and any(file.path.startswith(path) for path in skipped):
                continue
            if self._excludes is not None and self._is_excluded(file.path[prefix:]):
                if file.is_directory and not self._excludes.has_exceptions:
                    skipped.append(file.path + b"/")
                continue
            directory = made.get(parent)
            if directory is None:
                directory = self._make_excluded_parents(item.tree, parent, made)
            path = directory + b"/" + name if directory else name
            if file.is_directory:
                self._put_directory(file, path)
                made[file.path] = path
            else:
                self._copy_file(item.tree, file, path, is_top=False)

    def _make_excluded_parents(self, tree: SourceTree, path: bytes, made: dict[bytes, bytes]) -> bytes:
        """The directories above a file that an exception (`!`) brought back, although they are excluded themselves."""
        parent, _, name = path.rpartition(b"/")
        above = made.get(parent)
        if above is None:
            above = self._make_excluded_parents(tree, parent, made)
        directory = tree.get(path)
        assert directory is not None
        made[path] = above + b"/" + name if above else name
        self._put_directory(directory, made[path])
        return made[path]

    def _is_excluded(self, path: bytes) -> bool:
        return self._excludes is not None and self._excludes.matches(path.decode("utf-8", "surrogateescape"))

    def _put_directory(self, source: SourceFile, path: bytes) -> None:
        existing = self.workspace.get(path)
        if existing is not None and existing.kind is not Kind.DIRECTORY:
            raise CopyConflict(f"/{path.decode('utf-8', 'replace')} exists and is not a directory")
        if existing is None:
            self.make_parents(path.rpartition(b"/")[0])
        self._put(source.entry, path)

    def _copy_file(self, tree: SourceTree, source: SourceFile, path: bytes, *, is_top: bool = True) -> None:
        existing = self.workspace.get(path)
        if existing is not None and existing.kind is Kind.DIRECTORY:
            raise CopyConflict(f"/{path.decode('utf-8', 'replace')} is a directory and cannot become a file")
        if is_top:
            self.make_parents(path.rpartition(b"/")[0])
        inode = None if source.inode is None else (id(tree), source.inode)
        self.workspace.put(self.attributes.apply(replace(source.entry, path=path)), source.open, inode)

    def _put(self, entry: Entry, path: bytes) -> None:
        self.workspace.put(self.attributes.apply(replace(entry, path=path)))
