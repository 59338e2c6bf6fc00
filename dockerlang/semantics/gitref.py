"""Git repositories as sources of ADD and as build contexts: `URL[#ref[:directory]]` or `URL?ref=...&subdir=...`."""

from __future__ import annotations

import re
from dataclasses import field
from urllib.parse import unquote, unquote_plus

from dockerlang.records import record, replace

_URL = re.compile(r"(?P<scheme>[a-zA-Z0-9]+)://[^/?#]*(?P<path>[^?#]*)")
_SCP = re.compile(r"[a-zA-Z0-9_-]+@[a-zA-Z0-9.-]+:[^?#]*")
_HOST_PREFIX = "github.com/"
_SWITCHES = frozenset({"keep-git-dir", "submodules", "fetch-by-commit"})
_TEXTS = frozenset({"ref", "tag", "branch", "subdir", "checksum", "commit", "mtime"})
_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})


class InvalidGitReference(ValueError):
    """A git repository is meant, but what is asked of it cannot be."""


@record
class GitReference:
    """A repository, and which part of it. What is not given is empty or None.

    `ref` is a branch, tag or commit, `checksum` the commit that it must be. `is_like_local_path` marks the old form
    `github.com/...`, which only build contexts take; `is_unencrypted` a transport that anybody can read and change.
    """

    remote: str
    ref: str = ""
    subdirectory: str = ""
    checksum: str = ""
    mtime: str = ""
    keeps_git_directory: bool | None = None
    has_submodules: bool | None = None
    fetches_by_commit: bool | None = None
    is_like_local_path: bool = False
    is_unencrypted: bool = field(default=False)

    @property
    def short_name(self) -> str:
        """The repository's own name."""
        return self.remote.rpartition("/")[2].removesuffix(".git")

    @property
    def with_fragment(self) -> str:
        """The repository with its ref as a fragment, without directory and options."""
        return f"{self.remote}#{self.ref}" if self.ref else self.remote


def parse_git_reference(text: str) -> GitReference | None:
    """The repository that a source names; None where it names something else. Raises `InvalidGitReference`.

    Over HTTP the path must end in `.git`; `git://`, `ssh://` and `user@host:path` are always repositories.
    """
    bare, _, fragment = text.partition("#")
    remote, _, query = bare.partition("?")
    reference = _reference(remote)
    if reference is None:
        return None
    ref, _, subdirectory = unquote(fragment).partition(":")
    return _with_options(replace(reference, ref=ref, subdirectory=subdirectory), _read_query(query))


def _reference(remote: str) -> GitReference | None:
    if remote.startswith(_HOST_PREFIX):
        return GitReference(remote, is_like_local_path=True)
    url = _URL.fullmatch(remote)
    if url is None:
        return GitReference(remote) if _SCP.fullmatch(remote) else None
    scheme = url["scheme"].lower()
    if scheme in ("http", "https") and not url["path"].endswith(".git"):
        return None
    if scheme not in ("http", "https", "git", "ssh"):
        return None
    return GitReference(remote, is_unencrypted=scheme in ("http", "git"))


def _read_query(query: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for part in query.split("&") if query else ():
        name, _, value = part.partition("=")
        name, value = unquote_plus(name), unquote_plus(value)
        if name not in _TEXTS | _SWITCHES:
            raise InvalidGitReference(f"a git source has no option `{name}`")
        if name in options:
            raise InvalidGitReference(f"the option `{name}` of a git source is given twice")
        if not value and name not in _SWITCHES:
            raise InvalidGitReference(f"the option `{name}` of a git source has no value")
        options[name] = value
    return options


def _with_options(reference: GitReference, options: dict[str, str]) -> GitReference:
    ref = _agreed("ref", reference.ref, options.get("ref", ""))
    subdirectory = _agreed("subdir", reference.subdirectory, options.get("subdir", ""))
    tag, branch = _full_name("refs/tags/", options.get("tag", "")), _full_name("refs/heads/", options.get("branch", ""))
    if tag and branch:
        raise InvalidGitReference("`branch` of a git source conflicts with `tag`")
    ref = _agreed("ref", ref, tag or branch)
    checksum = options.get("checksum") or options.get("commit", "")
    mtime = options.get("mtime", "")
    if mtime not in ("", "checkout", "commit"):
        raise InvalidGitReference(f"`mtime` of a git source is `checkout` or `commit`, not `{mtime}`")
    fetches_by_commit = _switch(options, "fetch-by-commit")
    if checksum and not ref and not fetches_by_commit:
        ref = checksum
    return replace(
        reference,
        ref=ref,
        subdirectory=subdirectory,
        checksum=checksum,
        mtime=mtime,
        keeps_git_directory=_switch(options, "keep-git-dir"),
        has_submodules=_switch(options, "submodules"),
        fetches_by_commit=fetches_by_commit,
    )


def _agreed(name: str, first: str, second: str) -> str:
    if first and second and first != second:
        raise InvalidGitReference(f"`{name}` of a git source conflicts: `{first}` and `{second}`")
    return first or second


def _full_name(prefix: str, name: str) -> str:
    return name if not name or name.startswith(prefix) else prefix + name


def _switch(options: dict[str, str], name: str) -> bool | None:
    value = options.get(name)
    if value is None:
        return None
    if value not in _TRUE | _FALSE | {""}:
        raise InvalidGitReference(f"`{name}` of a git source is true or false, not `{value}`")
    return value not in _FALSE
