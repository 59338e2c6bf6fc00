"""WORKDIR: the directory is created with its parents, owned by the user in force; an existing one stays as it is."""

from __future__ import annotations

from dockerlang.builder.files import normalise
from dockerlang.builder.graph import MakeDirectory
from dockerlang.builder.layer_files import LayerFiles
from dockerlang.builder.workspace import Workspace
from dockerlang.runtime.users import resolve_user


def make_directory(op: MakeDirectory, workspace: Workspace, below: LayerFiles) -> None:
    """Create the directory. Raises `UnknownUser` for an owner that the root does not know."""
    uid, gid = 0, 0
    if op.owner:
        user = resolve_user(op.owner, below.read("etc/passwd"), below.read("etc/group"))
        uid, gid = user.uid, user.gid
    workspace.make_directories(normalise(op.path), uid=uid, gid=gid)
