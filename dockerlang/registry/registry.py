"""The door to registries: settings in, repositories out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import field
from typing import TypeVar

from dockerlang.errors import InputError
from dockerlang.oci.manifest import Index, Manifest
from dockerlang.oci.platform import Platform
from dockerlang.oci.reference import Reference
from dockerlang.records import record
from dockerlang.registry.credentials import CredentialSources
from dockerlang.registry.errors import RegistryError
from dockerlang.registry.host import RegistryHost
from dockerlang.registry.hosts import HostPolicy
from dockerlang.registry.image import NotAnImageError, RemoteImage, find_image, find_images
from dockerlang.registry.mirrors import RegistryRule, sources_of
from dockerlang.registry.repository import Repository
from dockerlang.registry.transport import ATTEMPTS, Transport

Found = TypeVar("Found")


@record
class RegistrySettings:
    """How registries are reached, and as whom; `rules` say where else images are pulled from.

    `notify` is told of waits and of the registries' own warnings. `pause` waits that many seconds, `attempts` is how
    often a request is made before we give up.
    """

    policy: HostPolicy = field(default_factory=HostPolicy)
    credentials: CredentialSources = field(default_factory=CredentialSources)
    rules: tuple[RegistryRule, ...] = ()
    notify: Callable[[str], None] = lambda message: None
    pause: Callable[[float], None] = time.sleep
    attempts: int = ATTEMPTS


class Registries:
    """All registries, each reached over connections and with tokens that are kept; for use by many threads."""

    def __init__(self, settings: RegistrySettings) -> None:
        self.settings = settings
        self.transport = Transport(
            settings.policy, notify=settings.notify, pause=settings.pause, attempts=settings.attempts
        )
        self._hosts: dict[tuple[str, str], RegistryHost] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Registries:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def repository(self, reference: Reference) -> Repository:
        """The repository that a reference names."""
        return Repository(self._host(reference), reference)

    def target(self, reference: Reference) -> Repository:
        """The repository to push to; `DeniedError` where its registry is blocked. Nothing is pushed to a mirror."""
        sources_of(self.settings.rules, reference)
        return self.repository(reference)

    def tags(self, reference: Reference) -> tuple[str, ...]:
        """All tags of a repository, from a mirror if one has it; raises what `Repository.tags` does."""
        return self._from_sources(reference, lambda source, _: source.tags())

    def image(self, reference: Reference, platform: Platform) -> RemoteImage:
        """The image that a reference means on a platform, from a mirror if one has it; raises what `find_image` does.

        A mirror is asked with its own credentials, never with those of the registry that it stands for.
        """
        return self._from_sources(
            reference, lambda source, others: find_image(source, reference, platform, others=others)
        )

    def images(
        self, reference: Reference, platforms: Sequence[Platform]
    ) -> tuple[Manifest | Index, tuple[RemoteImage, ...]]:
        """What a reference means, and its images for all `platforms` (or all that there are); as `image`."""
        return self._from_sources(
            reference, lambda source, others: find_images(source, reference, platforms, others=others)
        )

    def close(self) -> None:
        """Close all connections."""
        self.transport.close()

    def _from_sources(self, reference: Reference, find: Callable[[Repository, Sequence[Repository]], Found]) -> Found:
        """What the first source finds that has it; the last one's failure is that of all."""
        sources = [self.repository(source) for source in sources_of(self.settings.rules, reference)]
        for position, mirror in enumerate(sources[:-1], 1):
            try:
                return find(mirror, sources[position:])
            except NotAnImageError:
                raise
            except (RegistryError, InputError) as error:
                self.settings.notify(f"{error}; asking the next source")
        return find(sources[-1], ())

    def _host(self, reference: Reference) -> RegistryHost:
        credentials = self.settings.credentials
        domain, path = reference.domain, reference.path
        # Credentials may differ from repository to repository, so what is learnt of one is not used for another.
        with self._lock:
            if (domain, path) not in self._hosts:
                self._hosts[domain, path] = RegistryHost(domain, self.transport, lambda: credentials.find(domain, path))
            return self._hosts[domain, path]
