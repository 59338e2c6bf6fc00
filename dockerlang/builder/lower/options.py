"""What a caller chooses for a build, and what lowering asks of the world: the base images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from dockerlang.builder.exec_limits import NO_EXEC_LIMITS, ExecLimits
from dockerlang.oci.config import ImageConfig
from dockerlang.oci.digest import Digest
from dockerlang.oci.platform import Platform, host_platform
from dockerlang.records import record

if TYPE_CHECKING:
    from dockerlang.builder.contexts.named import NamedContext
    from dockerlang.builder.graph import GitSource, HttpSource


@record
class BuildOptions:
    """The choices that shape the graph.

    `build_args` are `--build-arg`; `no_cache` runs RUN, COPY and ADD again, in the stages of `no_cache_stages` only if
    that is not empty. `epoch` is SOURCE_DATE_EPOCH in seconds. With `names_platform` steps say
    their platform. `allowed` are the entitlements of `--allow`.
    `extra_hosts` are the names and addresses that RUN finds in /etc/hosts, `limits` those of its processes.
    `contexts` are those of `--build-context` by their keys. `context_time` gives the time of the main context, and
    `source_time` that of a remote source, in seconds since 1970, None where it has none; without it nobody is asked.
    """

    build_args: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    platform: Platform = field(default_factory=host_platform)
    labels: Mapping[str, str] = field(default_factory=dict)
    no_cache: bool = False
    no_cache_stages: frozenset[str] = frozenset()
    epoch: int | None = None
    names_platform: bool = False
    allowed: frozenset[str] = frozenset()
    extra_hosts: tuple[tuple[str, str], ...] = ()
    limits: ExecLimits = NO_EXEC_LIMITS
    contexts: Mapping[str, NamedContext] = field(default_factory=dict)
    context_time: Callable[[], int | None] = lambda: None
    source_time: Callable[[GitSource | HttpSource], int | None] | None = None


@record
class BaseImage:
    """An image to build on."""

    id: Digest
    config: ImageConfig


class BaseImages(Protocol):
    """Where base images come from."""

    def find(self, reference: str, platform: Platform) -> BaseImage:
        """The image that a FROM or `--from` names (normalised by the callee). Raises `NotFoundError`."""
        ...
