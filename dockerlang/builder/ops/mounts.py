"""`RUN --mount`: what each kind of mount is for the process that runs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dockerlang.builder.environment import Environment, Result
from dockerlang.builder.files import normalise, resolve
from dockerlang.builder.graph import (
    BindMount,
    CacheMount,
    CopyFiles,
    CopySource,
    Mount,
    SecretMount,
    SshMount,
    TmpfsMount,
    key_of,
)
from dockerlang.builder.ops.copy import Attributes, copy_files
from dockerlang.builder.selection import MissingSource, Selected
from dockerlang.builder.workspace import Workspace
from dockerlang.errors import NotFoundError
from dockerlang.oci.layer import LayerWriter
from dockerlang.oci.tree import MergedTree
from dockerlang.records import record
from dockerlang.runtime import process
from dockerlang.store.cache_mounts import use_cache_mount
from dockerlang.store.locks import hold, try_acquire


@record
class MountedProcess:
    """The mounts and the secret variables that a process gets."""

    mounts: tuple[process.Mount, ...]
    variables: tuple[str, ...]


@contextmanager
def process_mounts(
    mounts: tuple[Mount, ...], inputs: tuple[Result, ...], environment: Environment
) -> Iterator[MountedProcess]:
    """Prepare the mounts; a locked cache stays locked until the block ends."""
    made: list[process.Mount] = []
    variables: list[str] = []
    with ExitStack() as stack:
        for mount in mounts:
            match mount:
                case BindMount():
                    made.append(_bind(mount, inputs, environment))
                case CacheMount():
                    made.append(_cache(mount, inputs, environment, stack))
                case TmpfsMount():
                    made.append(process.Tmpfs(mount.target, mount.size, is_executable=True))
                case SecretMount():
                    _add_secret(mount, environment, made, variables)
                case SshMount():
                    _add_agent(mount, environment, made, variables, stack)
        yield MountedProcess(tuple(made), tuple(variables))


def _bind(mount: BindMount, inputs: tuple[Result, ...], environment: Environment) -> process.Mount:
    access = process.Access.READ_ONLY if mount.is_read_only else process.Access.DISCARD
    operation = environment.operation
    result = inputs[mount.input]
    tree = result.files(environment)
    file = resolve(tree, normalise(mount.source))
    if file is None:
        raise MissingSource(mount.source)
    if result.tree is None:
        path = "/" + file.path.decode("utf-8", "surrogateescape")
        return process.LayersBind(mount.target, operation.layer_trees(result.layers), path, access)
    # The context as the ignore file leaves it: a layer of its own, which goes when nothing needs it any more.
    workspace = Workspace(MergedTree([]), environment.now)
    copy = CopyFiles((CopySource(mount.source),), (), "/mounted")
    copy_files(copy, [Selected(file, tree, b"mounted")], workspace, Attributes(None, None))
    with operation.new_layer() as sink:
        layer = sink.commit(workspace.write(LayerWriter(sink)))
    return process.LayersBind(mount.target, operation.layer_trees((layer.diff_id,)), "/mounted", access)


def _cache(mount: CacheMount, inputs: tuple[Result, ...], environment: Environment, stack: ExitStack) -> process.Mount:
    store = environment.operation.store
    name = key_of([mount.id, mount.mode, mount.uid, mount.gid, _seed_identity(mount, inputs)])[:32]
    parent = store.root / "caches"
    parent.mkdir(exist_ok=True)
    match mount.sharing:
        case "private":
            directory = _private_directory(parent, name, stack)
        case "locked":
            directory = parent / name
            stack.enter_context(hold(_lock_of(directory)))
        case _:
            directory = parent / name
    stack.enter_context(use_cache_mount(directory))
    is_first_use = directory.name not in environment.caches_in_use
    environment.caches_in_use.add(directory.name)
    if is_first_use and environment.starts_caches_afresh:
        shutil.rmtree(directory, ignore_errors=True)
    if not directory.is_dir():
        _seed(mount, directory, inputs, environment)
    access = process.Access.READ_ONLY if mount.is_read_only else process.Access.WRITE
    return process.Bind(mount.target, directory, access)


def _seed_identity(mount: CacheMount, inputs: tuple[Result, ...]) -> list[str]:
    """A cache that begins with other files is another cache, as in the reference."""
    return [] if mount.input is None else [inputs[mount.input].key, mount.source]


def _private_directory(parent: Path, name: str, stack: ExitStack) -> Path:
    """The first directory of that cache that nobody has to itself now; it stays ours until the block ends."""
    number = 0
    while True:
        directory = parent / (f"{name}-{number}" if number else name)
        lock = try_acquire(_lock_of(directory), create=True)
        if lock is not None:
            stack.callback(lock.release)
            return directory
        number += 1


def _lock_of(directory: Path) -> Path:
    return directory.with_name(f"{directory.name}.lock")


def _seed(mount: CacheMount, directory: Path, inputs: tuple[Result, ...], environment: Environment) -> None:
    """Make a cache's directory, holding on its first use what `from` has at `source`."""
    fresh = environment.operation.scratch("cache")
    os.chmod(fresh, mount.mode)
    os.chown(fresh, mount.uid, mount.gid)
    if mount.input is not None:
        result = inputs[mount.input]
        tree = result.files(environment)
        file = resolve(tree, normalise(mount.source))
        if file is None:
            raise MissingSource(mount.source)
        from dockerlang.store.unpack import TreeForm, apply_layer

        workspace = Workspace(MergedTree([]), environment.now)
        copy = CopyFiles((CopySource(mount.source),), (), "/")
        copy_files(copy, [Selected(file, tree, b"")], workspace, Attributes(None, None))
        with environment.operation.new_layer() as sink:
            layer = sink.commit(workspace.write(LayerWriter(sink)))
        with environment.operation.store.open_layer(layer.diff_id) as archive:
            apply_layer(archive, fresh, TreeForm.FLAT)
    try:
        fresh.rename(directory)
    except OSError:
        # Another build was faster; its directory is the cache.
        if not directory.is_dir():
            raise


def _add_agent(
    mount: SshMount, environment: Environment, made: list[process.Mount], variables: list[str], stack: ExitStack
) -> None:
    """The first agent is named to the process, even if nobody forwards one."""
    if not any(variable.startswith("SSH_AUTH_SOCK=") for variable in variables):
        variables.append(f"SSH_AUTH_SOCK={mount.target}")
    agent = environment.agents.get(mount.id)
    if agent is not None:
        from dockerlang.builder.ops.agent_proxy import agent_proxy

        directory = environment.operation.scratch("agent")
        proxy = agent_proxy(agent, directory, mode=mount.mode, uid=mount.uid, gid=mount.gid)
        made.append(process.Bind(mount.target, stack.enter_context(proxy), process.Access.WRITE))
    elif mount.is_required:
        raise NotFoundError(f"no ssh agent `{mount.id}` was forwarded", hint=f"pass --ssh {mount.id}")


def _add_secret(mount: SecretMount, environment: Environment, made: list[process.Mount], variables: list[str]) -> None:
    value = environment.secrets.get(mount.id)
    if value is None:
        if mount.is_required:
            raise NotFoundError(f"secret `{mount.id}` was not given", hint=f"pass --secret id={mount.id},src=FILE")
        return
    if mount.variable is not None:
        variables.append(f"{mount.variable}={value.decode('utf-8', 'surrogateescape')}")
    if mount.target is not None:
        made.append(process.File(mount.target, value, mode=mount.mode, uid=mount.uid, gid=mount.gid))
