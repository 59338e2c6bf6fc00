"""Documents of `inspect`, filled into a template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from dockerlang.cli.output.templates.values import Nothing, Value

if TYPE_CHECKING:
    from dockerlang.cli.output.templates.template import Template

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
