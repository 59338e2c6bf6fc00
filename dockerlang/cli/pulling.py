"""Pulling with docker's words: by `pull`, and by `run` and `build` for what is not in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dockerlang.cli.output.transfers import transfer_display
from dockerlang.cli.registries import open_registries, warn
from dockerlang.images.pull import PulledImage, pull_image
from dockerlang.oci.platform import Platform
from dockerlang.oci.reference import Reference
from dockerlang.registry.image import NotAnImageError, RemoteImage
from dockerlang.registry.registry import Registries
from dockerlang.store.operation import Operation
from dockerlang.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Sequence


class Puller:
    """Pulls and says so. `is_quiet` prints nothing; `is_aside` prints to the error output, beside a result."""

    def __init__(
        self,
        operation: Operation,
        registries: Registries,
        platform: Platform,
        *,
        is_exact: bool = False,
        is_quiet: bool = False,
        is_aside: bool = False,
    ) -> None:
        self._operation = operation
        self._registries = registries
        self._platform = platform
        self._is_exact = is_exact
        self._is_quiet = is_quiet
        self._is_aside = is_aside

    def pull(self, reference: Reference) -> Reference:
        """Pull one tag or digest; what was really asked for is returned: a digest makes a tag beside it void."""
        pulled = self._transfer(reference)
        self._say_status(pulled.reference.familiar, is_new=pulled.is_new)
        return pulled.reference

    def pull_all(self, repository: Reference) -> None:
        """Pull every tag of a repository; what is no image is passed over with a word."""
        is_new = False
        for tag in self._registries.repository(repository).tags():
            try:
                pulled = self._transfer(Reference(repository.domain, repository.path, tag))
            except NotAnImageError as error:
                warn(f"passed over: {error}")
            else:
                is_new = is_new or pulled.is_new
        self._say_status(repository.familiar_name, is_new=is_new)

    def _transfer(self, reference: Reference) -> PulledImage:
        def announce(remote: RemoteImage) -> None:
            subject = str(remote.reference) if remote.reference.digest else remote.reference.tag
            self._say(f"{subject}: Pulling from {remote.reference.path}")

        with transfer_display(is_quiet=self._is_quiet, to_stderr=self._is_aside) as display:
            pulled = pull_image(
                self._operation,
                self._registries,
                reference,
                self._platform,
                is_exact=self._is_exact,
                listener=display.listen,
                announce=announce,
            )
        self._say(f"Digest: {pulled.digest}")
        return pulled

    def _say_status(self, name: str, *, is_new: bool) -> None:
        self._say(f"Status: {'Downloaded newer image' if is_new else 'Image is up to date'} for {name}")

    def _say(self, line: str) -> None:
        if not self._is_quiet:
            click.echo(line, err=self._is_aside)


def pull_aside(
    store: Store, reference: Reference, platform: Platform, *, is_quiet: bool = False, insecure: Sequence[str] = ()
) -> None:
    """Pull an image that another command needs; progress goes to the error output."""
    registries = open_registries(tuple(insecure))
    with registries as opened, store.operation("pull") as operation:
        Puller(operation, opened, platform, is_quiet=is_quiet, is_aside=True).pull(reference.with_default_tag())
