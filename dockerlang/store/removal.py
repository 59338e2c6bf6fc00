"""Removing images by docker's rules: a name is a claim on an image, and the image goes with its last one.

By name, that name goes, and the image with it if it was the last; by ID, the image goes with all its names if they are
of one repository. What containers use or other images are built on is kept. With an image go its untagged parents that
nothing else is built on. All of it is one transaction together with the sweep of what nobody needs any more.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

from dockerlang.errors import ConflictError
from dockerlang.oci.digest import Digest
from dockerlang.oci.reference import Reference, parse_reference
from dockerlang.store.containers import read_containers
from dockerlang.store.images import PARTS_OF_NAMES, find_id, names_id, no_such_image
from dockerlang.store.layout import Layout
from dockerlang.store.operation import Operation
from dockerlang.store.projection import note_change
from dockerlang.store.records import Container, ContainerState
from dockerlang.store.sweep import discard, sweep


@dataclass(slots=True)
class Removal:
    """What a removal took away: names in docker's short form, then images and layers (by chain ID)."""

    untagged: list[str] = field(default_factory=list)
    deleted: list[Digest] = field(default_factory=list)


def remove_image(operation: Operation, name: str, *, force: bool = False, prune_parents: bool = True) -> Removal:
    """Remove the name or image that `name` means.

    `force` also takes images that have names in several repositories, or that a stopped container uses. Raises
    `NotFoundError` and, with nothing changed, `ConflictError`.
    """
    layout = operation.store.layout
    with operation.store.database.write() as connection:
        image = find_id(connection, name)
        if image is None:
            raise no_such_image(name)
        remover = _Remover(connection, layout)
        if names_id(name, image):
            remover.remove_by_id(image, force=force)
        elif remover.untag(image, parse_reference(name), force=force):
            remover.delete_unless_used(image, force=force)
        if prune_parents:
            remover.delete_parents()
        remover.delete_parts()
        note_change(connection)
        swept = sweep(connection, layout, operation.lease.id)
    discard(layout, swept)
    return remover.removal


class _Remover:
    """One removal inside a write transaction."""

    def __init__(self, connection: sqlite3.Connection, layout: Layout) -> None:
        self.removal = Removal()
        self._connection = connection
        self._layout = layout
        self._parent: str | None = None
        self._parts: set[str] = set()

    def untag(self, image: Digest, reference: Reference, *, force: bool) -> bool:
        """Take one name away; returns whether the image has none left."""
        names = self._names(image)
        if not force and _is_single_claim(names):
            for container in self._users(image):
                raise ConflictError(
                    f'conflict: unable to remove repository reference "{reference.familiar}" (must force) - container'
                    f" {container.id[:12]} is using its referenced image {image.short}"
                )
        self._drop_name(reference.resolved())
        rest = self._names(image)
        if reference.digest is None and not any(name.tag and name.name == reference.name for name in rest):
            # Digests of a repository mean nothing to people once its last tag has gone.
            for name in rest:
                if name.name == reference.name:
                    self._drop_name(name)
        return not self._names(image)

    def remove_by_id(self, image: Digest, *, force: bool) -> None:
        """Delete an image with all its names, if they are one claim or `force` is given."""
        if not _is_single_claim(self._names(image)) and not force:
            raise _conflict(image, "must be forced", "image is referenced in multiple repositories")
        self._refuse_if_used(image, force=force)
        for name in self._names(image):
            self._drop_name(name)
        self._delete(image)

    def delete_unless_used(self, image: Digest, *, force: bool) -> bool:
        """Delete an image that has lost its names, or leave it where something still uses it."""
        try:
            self._refuse_if_used(image, force=force)
        except ConflictError:
            return False
        self._delete(image)
        return True

    def delete_parents(self) -> None:
        """Delete what the deleted image was built on, as far as it has no name and nothing else is built on it."""
        while self._parent is not None:
            parent = Digest.parse(self._parent)
            if find_id(self._connection, parent) is None or self._names(parent):
                return
            if not self.delete_unless_used(parent, force=False):
                return

    def delete_parts(self) -> None:
        """Delete the images of indexes that have lost their last name, as far as nothing else needs them."""
        while self._parts:
            part = Digest.parse(self._parts.pop())
            if find_id(self._connection, part) is not None and not self._names(part):
                self.delete_unless_used(part, force=False)

    def _refuse_if_used(self, image: Digest, *, force: bool) -> None:
        users = self._users(image)
        for container in users:
            if container.state is ContainerState.RUNNING:
                reason = f"image is being used by running container {container.id[:12]}"
                raise _conflict(image, "cannot be forced", reason)
        names = self._connection.execute(
            f"SELECT name FROM ({PARTS_OF_NAMES}) WHERE image = ?1"
            " AND name NOT IN (SELECT name FROM ref WHERE image = ?1) ORDER BY name",
            (str(image),),
        ).fetchall()
        if names:
            name = parse_reference(names[0][0]).familiar
            raise _conflict(image, "cannot be forced", f"image is a part of {name}")
        if self._connection.execute("SELECT 1 FROM image WHERE parent = ?", (str(image),)).fetchone():
            raise _conflict(image, "cannot be forced", "image has dependent child images")
        for container in users:
            if not force:
                reason = f"image is being used by stopped container {container.id[:12]}"
                raise _conflict(image, "must be forced", reason)

    def _delete(self, image: Digest) -> None:
        identifier = str(image)
        row = self._connection.execute("SELECT parent FROM image WHERE id = ?", (identifier,)).fetchone()
        chain = self._connection.execute(
            "SELECT chain_id FROM image_layer WHERE image = ? ORDER BY position DESC", (identifier,)
        ).fetchall()
        self._connection.execute("DELETE FROM image WHERE id = ?", (identifier,))
        self.removal.deleted.append(image)
        for (chain_id,) in chain:
            if not self._connection.execute(
                "SELECT 1 FROM image_layer WHERE chain_id = ? UNION SELECT 1 FROM container_layer WHERE chain_id = ?",
                (chain_id, chain_id),
            ).fetchone():
                self.removal.deleted.append(Digest.parse(chain_id))
        self._parent = row[0]

    def _names(self, image: Digest) -> list[Reference]:
        rows = self._connection.execute(
            "SELECT name FROM ref WHERE image = ?1"
            " UNION ALL SELECT repository || '@' || digest FROM repo_digest WHERE image = ?1 ORDER BY 1",
            (str(image),),
        )
        return [parse_reference(row[0]) for row in rows.fetchall()]

    def _drop_name(self, reference: Reference) -> None:
        if reference.digest is None:
            parts = self._connection.execute(f"SELECT image FROM ({PARTS_OF_NAMES}) WHERE name = ?", (str(reference),))
            self._parts.update(row[0] for row in parts.fetchall())
            self._connection.execute("DELETE FROM ref WHERE name = ?", (str(reference),))
        else:
            self._connection.execute(
                "DELETE FROM repo_digest WHERE repository = ? AND digest = ?", (reference.name, str(reference.digest))
            )
        self.removal.untagged.append(reference.familiar)

    def _users(self, image: Digest) -> tuple[Container, ...]:
        return read_containers(self._connection, self._layout, "WHERE image = ?", str(image))


def _is_single_claim(names: list[Reference]) -> bool:
    """Whether at most one tag names the image, and digests of the same repository at most."""
    tags = [name for name in names if name.tag]
    repositories = {name.name for name in names}
    return len(tags) <= 1 and len(repositories) <= 1


def _conflict(image: Digest, force: str, reason: str) -> ConflictError:
    return ConflictError(f"conflict: unable to delete {image.short} ({force}) - {reason}")
