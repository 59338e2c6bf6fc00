"""Who a name in a Dockerfile is: users and groups looked up in a root's `/etc/passwd` and `/etc/group`.

Two rules that differ. The user of a RUN or of a container must exist (or be a number); the owner that `COPY --chown`
names is looked up leniently. Both follow BuildKit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dockerlang.errors import RuntimeFailure
from dockerlang.records import record, replace

HIGHEST_ID = 2**31 - 1


class UnknownUser(RuntimeFailure):
    """A user or group that the files do not name, or a number out of range."""


@record
class User:
    """Whom a process runs as.

    `groups` are the supplementary ones, the primary group first among them: else a process could shed a group that
    denies it something. `home` is `/` for a user without an entry.
    """

    uid: int
    gid: int
    groups: tuple[int, ...]
    home: str


@record
class Ownership:
    """Whom copied files belong to; `unknown` lists the names that were looked up in vain."""

    uid: int
    gid: int
    unknown: tuple[str, ...] = ()


def resolve_user(spec: str, passwd: bytes | None, group: bytes | None) -> User:
    """The user that `spec` (`user[:group]`, as in USER) means; empty is root. None stands for a missing file.

    With a user alone its entry gives the primary and the supplementary groups; with a group, that one counts alone.
    Raises UnknownUser for a name without an entry.
    """
    name, _, group_name = spec.partition(":")
    accounts = list(_accounts(passwd))
    if _is_number(name) and _is_number(group_name):
        return _user(_in_range(name), _in_range(group_name), (), accounts)
    account = _find_account(accounts, name)
    if account is None and name and not _is_number(name):
        raise UnknownUser(
            f"unable to find user {name}: no matching entries in passwd file",
            hint="create the user in an earlier RUN, or name it by number",
        )
    uid = account.uid if account else _in_range(name or "0")
    gid = account.gid if account else 0
    if group_name:
        return _user(uid, _find_group(group, group_name), (), accounts)
    supplementary = _memberships(group, account.name) if account else ()
    return _user(uid, gid, supplementary, accounts)


def with_groups(user: User, names: Iterable[str], group: bytes | None) -> User:
    """The user with further supplementary groups, by name or number. Raises UnknownUser."""
    return replace(user, groups=tuple(dict.fromkeys((*user.groups, *(_find_group(group, name) for name in names)))))


def resolve_ownership(spec: str, passwd: bytes | None, group: bytes | None) -> Ownership:
    """The owner that `--chown=spec` means; None for both files stands for a root without files, as `scratch`.

    A number alone is uid and gid; a name's group is its primary one; `user:` is group 0; an unknown user is 0, an
    unknown group the user's. Raises UnknownUser where a name is used and there is no root to look in.
    """
    name, colon, group_name = spec.partition(":")
    unknown = []
    uid = gid = 0
    if _is_number(name):
        uid = gid = _in_range(name)
    elif name and name != "root":
        _require_files(name, passwd, group)
        account = next((account for account in _accounts(passwd) if account.name == name), None)
        if account:
            uid, gid = account.uid, account.gid
        else:
            unknown.append(name)
    if _is_number(group_name):
        gid = _in_range(group_name)
    elif colon and group_name in {"", "root"}:
        gid = 0
    elif group_name:
        _require_files(group_name, passwd, group)
        found = next((entry.gid for entry in _groups(group) if entry.name == group_name), None)
        if found is None:
            unknown.append(group_name)
        else:
            gid = found
    return Ownership(uid, gid, tuple(unknown))


@record
class _Account:
    name: str
    uid: int
    gid: int
    home: str


@record
class _Group:
    name: str
    gid: int
    members: tuple[str, ...]


def _user(uid: int, gid: int, groups: tuple[int, ...], accounts: list[_Account]) -> User:
    home = next((account.home for account in accounts if account.uid == uid), "")
    return User(uid, gid, tuple(dict.fromkeys((gid, *groups))), home or "/")


def _find_account(accounts: list[_Account], name: str) -> _Account | None:
    """The first entry with this name or number; without a name, root's."""
    uid = int(name) if _is_number(name) else 0 if not name else None
    return next((account for account in accounts if account.name == name or account.uid == uid), None)


def _find_group(group: bytes | None, name: str) -> int:
    gid = int(name) if _is_number(name) else None
    found = next((entry.gid for entry in _groups(group) if entry.name == name or entry.gid == gid), None)
    if found is not None:
        return found
    if gid is None:
        raise UnknownUser(
            f"unable to find group {name}: no matching entries in group file",
            hint="create the group in an earlier RUN, or name it by number",
        )
    return _in_range(name)


def _memberships(group: bytes | None, name: str) -> tuple[int, ...]:
    return tuple(entry.gid for entry in _groups(group) if name in entry.members)


def _accounts(passwd: bytes | None) -> Iterator[_Account]:
    for fields in _lines(passwd):
        if len(fields) >= 4 and _is_id(fields[2]) and _is_id(fields[3]):
            yield _Account(fields[0], int(fields[2]), int(fields[3]), fields[5] if len(fields) > 5 else "")


def _groups(group: bytes | None) -> Iterator[_Group]:
    for fields in _lines(group):
        if len(fields) >= 3 and _is_id(fields[2]):
            members = tuple(name for name in fields[3].split(",") if name) if len(fields) > 3 else ()
            yield _Group(fields[0], int(fields[2]), members)


def _lines(data: bytes | None) -> Iterator[list[str]]:
    for line in (data or b"").decode("utf-8", "surrogateescape").split("\n"):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield stripped.split(":")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _is_id(text: str) -> bool:
    return _is_number(text) and len(text) <= 10


def _in_range(text: str) -> int:
    number = int(text) if len(text) <= 10 else HIGHEST_ID + 1
    if number > HIGHEST_ID:
        raise UnknownUser(f"user or group number {text} is out of range", hint=f"the highest is {HIGHEST_ID}")
    return number


def _require_files(name: str, passwd: bytes | None, group: bytes | None) -> None:
    if passwd is None and group is None:
        raise UnknownUser(
            f"cannot look up '{name}': there are no files to look in (invalid user index: -1)",
            hint="name the owner by number",
        )
