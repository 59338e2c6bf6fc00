"""Sources of ADD that are somewhere else: URLs and git repositories."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from dockerlang.builder.graph import GitSource, HttpSource
from dockerlang.builder.lower.expansion import Expander
from dockerlang.semantics.gitref import InvalidGitReference, parse_git_reference
from dockerlang.syntax import nodes

_URL = re.compile(r"https?://", re.IGNORECASE)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{4,64}")
_UNNAMED = "__unnamed__"


def file_name(url: str) -> str:
    """The name that a file gets from its URL: the last component of the path."""
    return unquote(urlsplit(url).path.rpartition("/")[2]) or _UNNAMED


def is_remote(text: str) -> bool:
    """Whether a source, as it is written, begins like a URL or a git repository."""
    try:
        return _URL.match(text) is not None or parse_git_reference(text) is not None
    except InvalidGitReference:
        return True


def remote_source(
    instruction: nodes.Transfer, word: nodes.Word, text: str, checksum: str, expander: Expander
) -> HttpSource | GitSource | None:
    """What a source names if it is not local; None for a path. Only ADD may have remote sources."""
    try:
        reference = parse_git_reference(text)
    except InvalidGitReference as error:
        raise expander.failure("bad-git-reference", word.span, str(error)) from None
    # The old form without a scheme is for build contexts alone.
    is_git = reference is not None and not reference.is_like_local_path
    is_url = not is_git and _URL.match(text) is not None
    flag = instruction.flag("checksum")
    if isinstance(instruction, nodes.Copy) and (is_url or is_git):
        message = f"the source of a COPY cannot be {'a git repository' if is_git else 'a URL'}"
        raise expander.failure("remote-copy", word.span, message, "use ADD")
    if flag is not None:
        _check_checksum(instruction, flag, checksum, is_url=is_url, is_git=is_git, expander=expander)
    if is_url:
        return HttpSource(text, checksum)
    if not is_git:
        return None
    assert reference is not None
    keep = instruction.flag("keep-git-dir")
    keeps = keep is not None and (keep.value is None or keep.value.text.lower() == "true")
    if keep is not None and reference.keeps_git_directory not in (None, keeps):
        message = "the flag and the query of the repository say different things about its git directory"
        raise expander.failure("bad-git-reference", keep.span, message)
    return GitSource(reference, checksum, keeps or bool(reference.keeps_git_directory))


def _check_checksum(
    instruction: nodes.Transfer, flag: nodes.Flag, checksum: str, *, is_url: bool, is_git: bool, expander: Expander
) -> None:
    if len(instruction.sources) > 1:
        raise expander.failure("bad-checksum", flag.span, "a checksum can be given for a single source only")
    if not is_url and not is_git:
        message = "a checksum can only be asked of a URL or a git repository"
        raise expander.failure("bad-checksum", flag.span, message)
    if is_url and not _DIGEST.fullmatch(checksum):
        raise expander.failure("bad-checksum", flag.span, f"`{checksum}` is no digest", "write sha256:<64 hex digits>")
    if is_git and not _COMMIT.fullmatch(checksum):
        raise expander.failure("bad-checksum", flag.span, f"`{checksum}` is no commit")
