"""The options of `RUN --mount`: which keys each type has and which values are known."""

from __future__ import annotations

from collections.abc import Mapping

from dockerlang.records import record


@record
class MountType:
    """A type of mount, and its keys with what they are for. A key that ends in `=` takes a value."""

    purpose: str
    keys: Mapping[str, str]


_TARGET = "Where the command sees it."
_OWNER = {
    "mode=": "Permissions, octal.",
    "uid=": "Owner, as a number.",
    "gid=": "Group, as a number.",
}

MOUNT_TYPES: Mapping[str, MountType] = {
    "bind": MountType(
        "Files of the build context, of a stage or of an image; writes are thrown away.",
        {
            "target=": _TARGET,
            "source=": "What is mounted; everything unless given.",
            "from=": "A stage or an image instead of the build context.",
            "rw": "Let the command write; what it writes is thrown away.",
        },
    ),
    "cache": MountType(
        "A folder that later builds see again.",
        {
            "target=": _TARGET,
            "id=": "Name of the cache; the target unless given.",
            "sharing=": "What happens when two builds want it at once.",
            "from=": "A stage or an image whose files it starts with.",
            "source=": "The folder of `from` that it starts with.",
            "ro": "Let the command only read.",
            **_OWNER,
        },
    ),
    "secret": MountType(
        "A file or variable that is given to the build and never kept.",
        {
            "id=": "Name of the secret.",
            "target=": "Where the command sees it; `/run/secrets/<id>` unless given.",
            "env=": "The variable that holds it.",
            "required": "Fail when the secret is not given.",
            **_OWNER,
        },
    ),
    "ssh": MountType(
        "The SSH agent outside, for this command.",
        {
            "id=": "Name of the agent; `default` unless given.",
            "target=": "Where the socket is.",
            "required": "Fail when there is no agent.",
            **_OWNER,
        },
    ),
    "tmpfs": MountType(
        "An empty folder in memory.",
        {
            "target=": _TARGET,
            "size=": "Limit of its size, in bytes.",
        },
    ),
}

# Other spellings, by which a key counts as given.
ALIASES: Mapping[str, str] = {
    "dst": "target",
    "destination": "target",
    "src": "source",
    "readonly": "ro",
    "readwrite": "rw",
}

VALUES: Mapping[str, tuple[str, ...]] = {
    "type": tuple(MOUNT_TYPES),
    "sharing": ("shared", "private", "locked"),
}
