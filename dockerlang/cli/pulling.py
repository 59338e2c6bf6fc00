"""Pulling with docker's words: by `pull`, and by `run` and `build` for what is not in the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from dockerlang.cli.output.transfers import transfer_display
from dockerlang.cli.registries import open_registries, warn
from dockerlang.errors import DockerlangError, NotFoundError
from dockerlang.images.progress import Listener
from dockerlang.images.pull import PulledImage, pull_image
from dockerlang.oci.platform import Platform, host_platform
from dockerlang.oci.reference import Reference, is_identifier, parse_reference
from dockerlang.registry.errors import RegistryError
from dockerlang.registry.image import NotAnImageError, RemoteImage
from dockerlang.registry.registry import Registries
from dockerlang.store.operation import Operation
from dockerlang.store.store import Store


class Puller:
    """Pulls and says so. `is_quiet` prints nothing; `is_aside` prints to the error output, beside a result.

    With `platforms` it pulls for all of these, or for all that there are where none is named.
    """

    def __init__(
        self,
        operation: Operation,
        registries: Registries,
        platform: Platform,
        *,
        platforms: Sequence[Platform] | None = None,
        is_exact: bool = False,
        is_quiet: bool = False,
        is_aside: bool = False,
    ) -> None:
        self._operation = operation
        self._registries = registries
        self._platform = platform
        self._platforms = platforms
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
        for tag in self._registries.tags(repository):
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
            if self._platforms is None:
                pulled = pull_image(
                    self._operation,
                    self._registries,
                    reference,
                    self._platform,
                    is_exact=self._is_exact,
                    listener=display.listen,
                    announce=announce,
                )
            else:
                from dockerlang.images.pull_platforms import pull_platforms

                pulled = pull_platforms(
                    self._operation,
                    self._registries,
                    reference,
                    self._platforms,
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


def pull_aside(store: Store, reference: Reference, platform: Platform, *, is_quiet: bool = False) -> None:
    """Pull an image that another command needs; progress goes to the error output.

    Raises `NotFoundError` that says so where a registry cannot give what is not in the store.
    """
    with _missing_said(store, reference), open_registries() as registries, store.operation("pull") as operation:
        Puller(operation, registries, platform, is_quiet=is_quiet, is_aside=True).pull(reference)


def pull_watched(store: Store, reference: Reference, platform: Platform, listener: Listener) -> PulledImage:
    """The same without a word: `listener` is told how it goes."""
    with _missing_said(store, reference), open_registries() as registries, store.operation("pull") as operation:
        return pull_image(operation, registries, reference, platform, listener=listener)


@contextmanager
def _missing_said(store: Store, reference: Reference) -> Iterator[None]:
    try:
        yield
    except RegistryError as error:
        if store.find(reference) is not None:
            raise
        raise NotFoundError(
            f"the image `{reference.familiar}` is not in the store, and it cannot be pulled: {error}",
            hint=error.hint or f"load it (`dockerlang load -i FILE`) or build it with `-t {reference.familiar}`",
        ) from error


def pull_to_run(store: Store, image: str, *, is_missing: bool) -> None:
    """Pull the image of a `run`, with docker's words and its exit code for a failure; an ID cannot be pulled."""
    if is_identifier(image.removeprefix("sha256:")):
        return
    from dockerlang.containers.run import OWN_FAILURE

    try:
        reference = parse_reference(image).with_default_tag()
        if is_missing:
            click.echo(f"Unable to find image '{reference.familiar}' locally", err=True)
        pull_aside(store, reference, host_platform())
    except DockerlangError as error:
        error.exit_code = OWN_FAILURE
        raise
