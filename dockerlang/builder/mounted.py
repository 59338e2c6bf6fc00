"""What makes a RUN another step: its definition, its root, and the content of what is mounted into it."""

from __future__ import annotations

from dockerlang.builder.environment import Environment, Result
from dockerlang.builder.file_list import FileList
from dockerlang.builder.files import normalise, resolve
from dockerlang.builder.graph import BindMount, Definition, Exec
from dockerlang.builder.selection import MissingSource, Selected


def exec_ingredients(
    op: Exec, inputs: tuple[Result, ...], environment: Environment, files: FileList | None = None
) -> Definition:
    """What makes this process with these inputs another step: its definition, its root, the content of its mounts."""
    mounted = {
        str(number): _mounted_content(mount, inputs, environment, files)
        for number, mount in enumerate(op.mounts)
        if isinstance(mount, BindMount)
    }
    return {"operation": op.definition(), "root": inputs[0].identity(), "mounted": mounted}


def _mounted_content(
    mount: BindMount, inputs: tuple[Result, ...], environment: Environment, files: FileList | None
) -> str:
    from dockerlang.builder.content import content_digest

    tree = inputs[mount.input].files(environment)
    file = resolve(tree, normalise(mount.source))
    if file is None:
        raise MissingSource(mount.source)
    return content_digest(
        [Selected(file, tree, b"")], files=files, place=mount.target.encode("utf-8", "surrogateescape")
    )
