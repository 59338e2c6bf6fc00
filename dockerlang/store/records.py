"""What the store hands out: images, layers and containers as plain values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import Enum
from pathlib import Path

from dockerlang.oci.config import ImageConfig
from dockerlang.oci.digest import Digest, chain_ids
from dockerlang.records import record


@record
class Layer:
    """A layer in the store. In bytes: `content_size` sums its files (docker's SIZE), `tar_size` is the plain tar."""

    diff_id: Digest
    content_size: int
    tar_size: int


@record
class StoredImage:
    """An image in the store; `id` is the digest of its config's bytes, `parent` the image that it was built on."""

    id: Digest
    config: ImageConfig = field(repr=False)
    config_bytes: bytes = field(repr=False)
    parent: Digest | None = None

    @property
    def diff_ids(self) -> tuple[Digest, ...]:
        """The layers, lowest first."""
        return self.config.diff_ids

    @property
    def chain_ids(self) -> tuple[Digest, ...]:
        """The chain ID of each layer, lowest first."""
        return chain_ids(self.config.diff_ids)


class ContainerState(Enum):
    """Where a container is in its life; a running one whose process has gone without a word counts as exited."""

    CREATED = "created"
    RUNNING = "running"
    EXITED = "exited"


@record
class Container:
    """A container's record. `directory` holds `upper` and `work`; `created` is in seconds since 1970.

    `lease` is that of the operation that runs it, or ran it.
    """

    id: str
    name: str
    image: Digest
    command: tuple[str, ...]
    created: float
    state: ContainerState
    exit_code: int | None
    directory: Path
    lease: str

    @property
    def upper(self) -> Path:
        """What the container changed, as an overlay upper directory."""
        return self.directory / "upper"

    @property
    def work(self) -> Path:
        """The overlay's own directory beside `upper`."""
        return self.directory / "work"


@record
class ImageRow:
    """An image as listings need it, read without its config.

    `is_part` says that an index with a name holds it. `names` are canonical (`docker.io/library/app:latest`), `digests`
    pairs of repository and manifest digest; `created` is in seconds since 1970, None where the config does not say.
    """

    id: Digest
    parent: Digest | None
    created: float | None
    size: int
    is_step: bool
    has_children: bool
    is_part: bool
    names: tuple[str, ...]
    digests: tuple[tuple[str, Digest], ...]

    @property
    def is_dangling(self) -> bool:
        """Whether nothing names the image, nothing is built on it, and it is not merely a step of a build."""
        is_needed = self.names or self.digests or self.has_children or self.is_part
        return not is_needed and not self.is_step


_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)")


def parse_time(text: str) -> float | None:
    """Seconds since 1970 of an RFC 3339 time; None for anything else and for Go's zero time, the year 1."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    day, clock, fraction, zone = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}{'+00:00' if zone in 'zZ' else zone}")
        whole = moment.timestamp()
    except (ValueError, OverflowError):
        return None
    return None if moment.year <= 1 else whole + float(f"0.{fraction or 0}")


Pins = Mapping[str, tuple[str, ...]]
"""What to pin: keys by kind (`blob` and its digest, `layer` and its diff ID, `tree` and its chain ID)."""
