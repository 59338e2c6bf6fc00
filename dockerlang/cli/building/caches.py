"""`--cache-from` and `--cache-to`: where steps that were done elsewhere come from, and where those of this build go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dockerlang.cli.option_groups import declare
from dockerlang.errors import UsageError
from dockerlang.records import record

if TYPE_CHECKING:
    from dockerlang.builder.caching.exchange import CacheExport
    from dockerlang.builder.caching.places import CachePlace
    from dockerlang.oci.forms import Form
    from dockerlang.registry.registry import Registries

options = declare(
    click.option(
        "--cache-from", "sources", multiple=True, metavar="REF|type=local,src=DIR|type=registry,ref=REF",
        help="Use the steps of a cache that was written with --cache-to. May be repeated.",
    ),
    click.option(
        "--cache-to", "targets", multiple=True, metavar="REF|type=local,dest=DIR|type=registry,ref=REF|type=inline",
        help="Write the steps of this build to a cache; mode=max adds those of all stages. May be repeated.",
    ),
)  # fmt: skip
_TRUE, _FALSE = frozenset({"1", "t", "true"}), frozenset({"0", "f", "false"})


@record
class UsedCaches:
    """The caches of one build."""

    sources: tuple[CachePlace, ...] = ()
    targets: tuple[CacheExport, ...] = ()
    is_inline: bool = False


@record
class Caches:
    """The values of these options."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]

    @contextmanager
    def opened(self, build_args: Iterable[str]) -> Iterator[UsedCaches]:
        """The caches, reachable inside the block. Raises `UsageError` for what is not understood or not there."""
        is_inline = any(text.partition("=")[::2] == ("BUILDKIT_INLINE_CACHE", "1") for text in build_args)
        if not (self.sources or self.targets):
            yield UsedCaches(is_inline=is_inline)
            return
        from dockerlang.cli.registries import open_registries

        with open_registries() as registries:
            asked = [(text, _fields(text, "--cache-to")) for text in self.targets]
            is_inline = is_inline or any(fields["type"] == "inline" for _, fields in asked)
            yield UsedCaches(
                tuple(_source(text, registries) for text in self.sources),
                tuple(_target(text, fields, registries) for text, fields in asked if fields["type"] != "inline"),
                is_inline,
            )


def warn(message: str) -> None:
    """Tell the user of a cache that cannot be used."""
    click.echo(f"warning: {message}", err=True)


def _source(text: str, registries: Registries) -> CachePlace:
    fields = _fields(text, "--cache-from")
    place = _place(fields, "--cache-from", "src", registries)
    _refuse_others(fields, "--cache-from")
    return place


def _target(text: str, fields: dict[str, str], registries: Registries) -> CacheExport:
    from dockerlang.builder.caching.exchange import CacheExport

    place = _place(fields, "--cache-to", "dest", registries)
    mode = fields.pop("mode", "min")
    if mode not in ("min", "max"):
        raise UsageError(f"--cache-to {text}: there are the modes min and max")
    for name in ("oci-mediatypes", "image-manifest"):
        if not _flag(fields, name, default=True):
            raise UsageError(f"--cache-to {text}: a cache is always an OCI manifest", hint=f"leave out {name}=false")
    made = CacheExport(place, mode == "max", _flag(fields, "ignore-error"), _form(fields))
    _flag(fields, "force-compression")
    _refuse_others(fields, "--cache-to")
    return made


def _fields(text: str, option: str) -> dict[str, str]:
    """A bare reference means a registry."""
    if "=" not in text:
        return {"type": "registry", "ref": text}
    fields = dict(part.partition("=")[::2] for part in text.split(","))
    if "type" not in fields:
        raise UsageError(f"`{option} {text}` has no type", hint="there are local and registry, and inline to write")
    return fields


def _place(fields: dict[str, str], option: str, directory: str, registries: Registries) -> CachePlace:
    from dockerlang.builder.caching.places import DirectoryPlace, RegistryPlace
    from dockerlang.oci.reference import parse_reference

    kind = fields.pop("type")
    match kind:
        case "local":
            if not fields.get(directory):
                raise UsageError(f"{option} type=local needs {directory}=DIRECTORY")
            return DirectoryPlace(Path(fields.pop(directory)), fields.pop("tag", "latest"))
        case "registry":
            if not fields.get("ref"):
                raise UsageError(f"{option} type=registry needs ref=REFERENCE")
            return RegistryPlace(registries, parse_reference(fields.pop("ref")).with_default_tag())
        case "gha" | "s3" | "azblob":
            hint = "there are local and registry"
            raise UsageError(f"{option} type={kind} cannot be honoured: such caches are not reached", hint=hint)
        case _:
            raise UsageError(f"{option}: there is no cache of type `{kind}`", hint="there are local and registry")


def _form(fields: dict[str, str]) -> Form:
    from dockerlang.oci.compression import Compression
    from dockerlang.oci.forms import LEVELS, Form

    name, level = fields.pop("compression", "gzip"), fields.pop("compression-level", "")
    known = {compression.value: compression for compression in LEVELS}
    if name not in known:
        raise UsageError(f"compression={name} cannot be honoured", hint=f"there are {', '.join(known)}")
    compression: Compression = known[name]
    if level and (not level.isdecimal() or int(level) not in LEVELS[compression]):
        raise UsageError(f"compression-level={level} is no level of {name}")
    return Form(compression, int(level) if level else None)


def _flag(fields: dict[str, str], name: str, *, default: bool = False) -> bool:
    text = fields.pop(name, "").lower()
    if text and text not in _TRUE | _FALSE:
        raise UsageError(f"{name}={text}: it is true or false")
    return text in _TRUE if text else default


def _refuse_others(fields: dict[str, str], option: str) -> None:
    if fields:
        raise UsageError(f"{option} has no attribute `{next(iter(fields))}` for a cache of this type")
