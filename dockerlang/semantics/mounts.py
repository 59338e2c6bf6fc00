"""`RUN --mount`: which options each type of mount takes, and what they mean.

Options are read from left to right, so that what depends on the type must follow `type=`; this and the list of what is
refused are the reference's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from dockerlang.syntax import nodes
from dockerlang.text import Span, nearest

MOUNT_TYPES = ("bind", "cache", "tmpfs", "secret", "ssh")
SHARING_MODES = ("shared", "private", "locked")

_BARE_KEYS = frozenset({"ro", "readonly", "rw", "readwrite", "required"})
_KEYS = (
    "type", "from", "source", "src", "target", "dst", "destination", "readonly", "ro", "readwrite", "rw", "required",
    "id", "sharing", "mode", "uid", "gid", "size", "env",
)  # fmt: skip
_TRUE = frozenset({"1", "t", "true"})
_FALSE = frozenset({"0", "f", "false"})
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([kmgtp]?)i?b?", re.IGNORECASE)


class InvalidMount(ValueError):
    """An option that cannot be; `span` is its place."""

    def __init__(self, span: Span, message: str, help: str = "") -> None:
        super().__init__(message)
        self.span = span
        self.help = help


@dataclass
class MountValues:
    """The options of one mount, typed. Text that was not given is empty, numbers that were not given are None.

    `size` is in bytes, `mode` the permission bits. `variable` is the environment variable that a secret fills.
    """

    type: str = "bind"
    source_stage: str = ""
    source: str = ""
    target: str = ""
    id: str = ""
    sharing: str = ""
    is_read_only: bool = True
    is_required: bool = False
    size: int | None = None
    mode: int | None = None
    uid: int | None = None
    gid: int | None = None
    variable: str | None = None


def mount_values(flag: nodes.MountFlag, expand: Callable[[nodes.Word], str]) -> MountValues:
    """The values of a `--mount`; all but `from` are expanded. Raises `InvalidMount`."""
    values = MountValues()
    if flag.value is not None and flag.value.text.endswith(","):
        message = "the mount ends with a comma"
        raise InvalidMount(flag.span, message, "write no blank after a comma: a blank ends the flag")
    access: bool | None = None
    for option in flag.options:
        value = None if option.value is None else option.value.text
        if value is not None and option.key != "from":
            assert option.value is not None
            value = expand(option.value)
        if option.key not in _KEYS:
            raise _unknown_option(flag, option)
        if value is None and option.key not in _BARE_KEYS:
            message = f"the option `{option.key}` needs a value"
            raise InvalidMount(option.span, message, f"write `{option.key}=value`")
        if option.key in ("ro", "readonly", "rw", "readwrite"):
            is_set = value is None or _boolean(option, value)
            access = is_set if option.key in ("ro", "readonly") else not is_set
            _refuse_for(option, values, "tmpfs", "secret", "ssh")
            continue
        _set(values, option, value)
    values.is_read_only = access if access is not None else values.type == "bind"
    _check(flag, values)
    return values


def _unknown_option(flag: nodes.MountFlag, option: nodes.MountOption) -> InvalidMount:
    if not option.key:
        if option.value is not None and option.value.text:
            return InvalidMount(option.span, "the name of an option is missing before `=`", "write `key=value`")
        return InvalidMount(option.span, "there is nothing between two commas of the mount", "remove one of them")
    key, colon, value = option.key.partition(":")
    if colon and key in _KEYS and option.value is None:
        return InvalidMount(option.span, f"`{option.key}` is no option of a mount", f"write `{key}={value}`")
    if option.key in MOUNT_TYPES:
        message = f"`{option.key}` is a type of mount, and no option"
        return InvalidMount(option.span, message, f"write `type={option.key}`")
    near = nearest(option.key, _KEYS)
    help_text = f"did you mean `{near}`?" if near else f"there are {', '.join(_KEYS)}"
    return InvalidMount(option.span, f"a mount has no option `{option.key}`", help_text)


def _set(values: MountValues, option: nodes.MountOption, value: str | None) -> None:
    text = value or ""
    match option.key:
        case "type":
            if text.lower() not in MOUNT_TYPES:
                message = f"`{text}` is no type of mount"
                raise InvalidMount(option.span, message, f"it is one of {', '.join(MOUNT_TYPES)}")
            values.type = text.lower()
        case "from":
            values.source_stage = text
        case "source" | "src":
            values.source = text
        case "target" | "dst" | "destination":
            values.target = text
        case "required":
            _only_for(option, values, "secret", "ssh")
            values.is_required = value is None or _boolean(option, text)
        case "id":
            values.id = text
        case "size":
            _only_for(option, values, "tmpfs")
            values.size = _bytes(option, text)
        case "sharing":
            if values.type == "bind":
                raise InvalidMount(option.span, "a bind mount has no `sharing`")
            if text.lower() not in SHARING_MODES:
                message = f"`{text}` is no way of sharing"
                raise InvalidMount(option.span, message, f"it is one of {', '.join(SHARING_MODES)}")
            values.sharing = text.lower()
        case "mode":
            values.mode = _number(option, text, 8)
        case "uid":
            values.uid = _number(option, text, 10)
        case "gid":
            values.gid = _number(option, text, 10)
        case "env":
            _only_for(option, values, "secret")
            values.variable = text


def _check(flag: nodes.MountFlag, values: MountValues) -> None:
    has_ids = values.mode is not None or values.uid is not None or values.gid is not None
    if has_ids and values.type in ("bind", "tmpfs"):
        raise InvalidMount(flag.span, f"a {values.type} mount has no `mode`, `uid` or `gid`")
    if values.type == "secret":
        if values.source_stage:
            raise InvalidMount(flag.span, "a secret does not come `from` a stage")
        if values.source and values.id:
            raise InvalidMount(flag.span, "`source` of a secret is another name of `id`: give one of them")
        if not values.source and not values.id and not values.target:
            raise InvalidMount(flag.span, "the secret has neither an `id` nor a `target`")
        return
    if values.type == "ssh":
        if values.source_stage:
            raise InvalidMount(flag.span, "an ssh mount does not come `from` a stage")
        if values.source:
            raise InvalidMount(flag.span, "an ssh mount has no `source`")
        return
    if values.target in ("", "/"):
        what = "`/` cannot be mounted over" if values.target else f"the {values.type} mount has no `target`"
        raise InvalidMount(flag.span, what, "write target=/path")


def _only_for(option: nodes.MountOption, values: MountValues, *types: str) -> None:
    if values.type not in types:
        message = f"`{option.key}` is no option of a {values.type} mount"
        raise InvalidMount(option.span, message, f"it belongs to type={types[0]}, which must come before it")


def _refuse_for(option: nodes.MountOption, values: MountValues, *types: str) -> None:
    if values.type in types:
        raise InvalidMount(option.span, f"`{option.key}` is no option of a {values.type} mount")


def _boolean(option: nodes.MountOption, text: str) -> bool:
    if text.lower() not in _TRUE | _FALSE:
        raise InvalidMount(option.span, f"`{text}` is neither true nor false")
    return text.lower() in _TRUE


def _number(option: nodes.MountOption, text: str, base: int) -> int:
    try:
        number = int(text, base) if text.isascii() and text.isdigit() else -1
    except ValueError:
        number = -1
    if number < 0:
        raise InvalidMount(option.span, f"`{text}` is no value for `{option.key}`")
    return number


def _bytes(option: nodes.MountOption, text: str) -> int:
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise InvalidMount(option.span, f"`{text}` is no size", "write it as `64m` or in bytes")
    return int(float(match[1]) * 1024 ** " kmgtp".index(match[2].lower() or " "))
