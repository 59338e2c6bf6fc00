"""Documents of `inspect`, filled into a template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from dockerlang.cli.output.templates.values import Nothing, Value

if TYPE_CHECKING:
    from dockerlang.cli.output.templates.template import Template
    from dockerlang.store.reading import StoreReader

# docker's own structure has empty lists and maps where the document has null.
_EMPTY = {
    "Env": Nothing.LIST,
    "Cmd": Nothing.LIST,
    "Entrypoint": Nothing.LIST,
    "OnBuild": Nothing.LIST,
    "Args": Nothing.LIST,
    "Mounts": Nothing.LIST,
    "Binds": Nothing.LIST,
    "CapAdd": Nothing.LIST,
    "CapDrop": Nothing.LIST,
    "Volumes": Nothing.MAP,
    "Labels": Nothing.MAP,
    "Options": Nothing.MAP,
}


def find_document(store: StoreReader, name: str, kind: str | None, *, with_size: bool) -> dict[str, object] | None:
    """The document of what has that name: a container, an image or a volume, the first there is or of one `kind`."""
    if kind in (None, "container"):
        container = store.find_container(name)
        if container is not None:
            from dockerlang.containers.inspection import inspect_container

            return inspect_container(store, container, with_size=with_size)
    if kind in (None, "image"):
        from dockerlang.store.inspection import inspect_image

        document = inspect_image(store, name)
        if document is not None:
            return document
    if kind in (None, "volume"):
        from dockerlang.cli.output.volumes import volume_document
        from dockerlang.store.volumes import find_volume

        volume = find_volume(store.layout, name)
        if volume is not None:
            return volume_document(volume)
    return None


def print_documents(documents: Sequence[Value], format: str) -> None:
    """Print documents as an array of JSON, or each in the format: a template, or `json` for a line of JSON."""
    import json

    import click

    from dockerlang.cli.output.templates.template import parse_template

    if not format:
        click.echo(json.dumps(documents, indent=4, ensure_ascii=False))
        return
    template = parse_template("{{json .}}" if format == "json" else format)
    click.echo("\n".join(fill_documents(template, documents)))


def fill_documents(template: Template, documents: Iterable[Value]) -> list[str]:
    """The text for each document; TemplateFieldError where one lacks what the template asks for."""
    return [template.fill(_with_kinds(document)) for document in documents]


def _with_kinds(value: Value) -> Value:
    """The document with the kind of nothing that each null stands for."""
    if isinstance(value, Mapping):
        return {
            name: _EMPTY.get(name) if item is None and name in _EMPTY else _with_kinds(item)
            for name, item in value.items()
        }
    return [_with_kinds(item) for item in value] if isinstance(value, list) else value
