"""Container records: which process ran in which image, and what keeps the image's layers alive for it."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Sequence
from uuid import uuid4

from dockerlang.errors import ConflictError, InputError
from dockerlang.oci.digest import Digest
from dockerlang.store.layout import Layout
from dockerlang.store.leases import is_alive
from dockerlang.store.records import Container, ContainerState, StoredImage

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")


def enter_container(
    connection: sqlite3.Connection,
    layout: Layout,
    image: StoredImage,
    *,
    lease: str,
    name: str = "",
    command: Sequence[str] = (),
    auto_remove: bool = False,
) -> Container:
    """A new container's record in state "created", owned by `lease`.

    Raises `InputError` for a name that is none, `ConflictError` for one that is taken.
    """
    identifier = uuid4().hex + uuid4().hex
    name = name or f"container-{identifier[:12]}"
    if _NAME.fullmatch(name) is None:
        raise InputError(f"Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed")
    holder = connection.execute("SELECT id FROM container WHERE name = ?", (name,)).fetchone()
    if holder is not None:
        raise ConflictError(
            f'Conflict. The container name "/{name}" is already in use by container "{holder[0]}"',
            hint="remove that container, or choose another name",
        )
    connection.execute(
        "INSERT INTO container VALUES (?, ?, ?, ?, ?, 'created', NULL, ?, ?)",
        (identifier, name, str(image.id), json.dumps(list(command)), time.time(), auto_remove, lease),
    )
    connection.executemany(
        "INSERT INTO container_layer VALUES (?, ?, ?)",
        [(identifier, str(diff), str(chain)) for diff, chain in zip(image.diff_ids, image.chain_ids, strict=True)],
    )
    return read_containers(connection, layout, "WHERE id = ?", identifier)[0]


def read_containers(
    connection: sqlite3.Connection, layout: Layout, condition: str = "", *parameters: str
) -> tuple[Container, ...]:
    """The containers that an SQL condition holds for, the newest first."""
    rows = connection.execute(
        "SELECT container.id, name, image, command, created, state, exit_code, lease, lease.id FROM container"
        f" LEFT JOIN lease ON lease.id = lease {condition.replace('WHERE id', 'WHERE container.id')}"
        " ORDER BY created DESC",
        parameters,
    )
    return tuple(_container(layout, row) for row in rows.fetchall())


def find_container(connection: sqlite3.Connection, layout: Layout, name: str) -> Container | None:
    """The container with that name, that ID, or whose ID alone starts so; `ConflictError` where several do."""
    found = read_containers(connection, layout, "WHERE name = ?", name.removeprefix("/"))
    if not found and re.fullmatch("[0-9a-f]{1,64}", name):
        found = read_containers(connection, layout, "WHERE id GLOB ?", f"{name}*")
    if len(found) > 1:
        raise ConflictError(f"{name} is the start of more than one container ID", hint="write more of its digits")
    return found[0] if found else None


def enter_state(
    connection: sqlite3.Connection, container: Container, state: ContainerState, exit_code: int | None, lease: str
) -> None:
    """Note what became of a container; a running one lives as long as `lease`."""
    connection.execute(
        "UPDATE container SET state = ?, exit_code = ?, lease = ? WHERE id = ?",
        (state.value, exit_code, lease, container.id),
    )


def _container(layout: Layout, row: tuple[str, str, str, str, float, str, int | None, str, str | None]) -> Container:
    identifier, name, image, command, created, state_text, exit_code, lease, known_lease = row
    state = ContainerState(state_text)
    if state is ContainerState.RUNNING and (known_lease is None or not is_alive(layout, lease)):
        # Its process was killed before it could say so.
        state, exit_code = ContainerState.EXITED, 137
    return Container(
        id=identifier,
        name=name,
        image=Digest.parse(image),
        command=tuple(json.loads(command)),
        created=created,
        state=state,
        exit_code=exit_code,
        directory=layout.containers / identifier,
        lease=lease,
    )
