"""ADD of a git repository: its files at one commit, brought here by the `git` command."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from dockerlang.builder.contexts.directory import ContextFiles
from dockerlang.builder.environment import Environment, Result
from dockerlang.builder.graph import GitSource, key_of
from dockerlang.errors import InputError, NotFoundError
from dockerlang.records import record
from dockerlang.semantics.gitref import GitReference

_TIMEOUT = 600.0


@record
class CheckedOut:
    """The files of a repository on disk, and the commit that they are of, with its time in seconds since 1970."""

    root: Path
    commit: str
    committed: int


def fetch_repository(source: GitSource, environment: Environment) -> Result:
    """The files of the repository, or of one of its directories. Raises `InputError` with what git said."""
    directory = environment.operation.scratch("git")
    found = check_out(
        source.reference, directory, checksum=source.checksum, keeps_git_directory=source.keeps_git_directory
    )
    key = key_of(["git", found.commit, source.reference.subdirectory, source.keeps_git_directory])
    return Result(key, tree=ContextFiles(found.root, None, environment.operation.store.build_cache))


def check_out(
    reference: GitReference, directory: Path, *, checksum: str = "", keeps_git_directory: bool = False
) -> CheckedOut:
    """Bring a repository into an empty directory. Raises `InputError` with what git said."""
    if shutil.which("git") is None:
        raise NotFoundError("git is not installed", hint="install git, or copy a checkout")
    _git(directory, "init", "--quiet")
    # `--` keeps a remote that begins with a dash from being an option.
    _git(directory, "remote", "add", "--", "origin", reference.remote)
    _git(directory, "fetch", "--quiet", "--depth=1", "--no-tags", "origin", "--", reference.ref or "HEAD")
    _git(directory, "checkout", "--quiet", "--detach", "FETCH_HEAD")
    commit = _git(directory, "rev-parse", "HEAD").strip()
    expected = checksum or reference.checksum
    if not commit.startswith(expected):
        raise InputError(
            f"{reference.remote} is at {commit} and not at {expected}", hint="correct --checksum, or name the commit"
        )
    if reference.has_submodules is not False and (directory / ".gitmodules").is_file():
        _git(directory, "submodule", "update", "--quiet", "--init", "--recursive", "--depth=1")
    committed = int(_git(directory, "show", "--no-patch", "--format=%ct", "HEAD"))
    if reference.mtime == "commit":
        _settle(directory, committed)
    if not keeps_git_directory and not reference.keeps_git_directory:
        shutil.rmtree(directory / ".git")
    root = directory / reference.subdirectory.strip("/") if reference.subdirectory else directory
    if not root.resolve().is_relative_to(directory.resolve()) or not root.is_dir():
        raise InputError(f"{reference.remote} has no directory `{reference.subdirectory}`")
    return CheckedOut(root, commit, committed)


def _settle(directory: Path, committed: int) -> None:
    """Give the files the time of the commit."""
    for parent, directories, files in os.walk(directory):
        for name in (*directories, *files):
            os.utime(os.path.join(parent, name), (committed, committed), follow_symlinks=False)


def _git(directory: Path, *arguments: str) -> str:
    """What git prints. It asks nobody anything, and reads no configuration but the system's and the user's."""
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true", "LC_ALL": "C"}
    command = ["git", "-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false", *arguments]
    try:
        done = subprocess.run(
            command,
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
            # The modes of files are git's alone, whoever builds.
            umask=0o022,
        )
    except subprocess.TimeoutExpired:
        raise InputError(f"git {arguments[0]} took longer than {_TIMEOUT:.0f} s") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        hint = "check the address, the ref, and that git can read it without asking" if arguments[0] == "fetch" else ""
        raise InputError(
            f"git {arguments[0]} failed: {said[-1] if said else f'exit code {done.returncode}'}", hint=hint
        )
    return done.stdout.decode("utf-8", "replace")
