"""What a shell offers for an argument: names of images and of containers, read from the store when it asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def _root(context: click.Context) -> str:
    from dockerlang.cli.session import default_root

    return str(context.find_root().params.get("root") or default_root())


def images(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names with tags that begin with what is written; short IDs where that is the start of one."""
    from pathlib import Path

    from click.shell_completion import CompletionItem

    from dockerlang.errors import DockerlangError
    from dockerlang.store.listing import names_of, select_images
    from dockerlang.store.store import Store

    try:
        rows = select_images(Store.open(Path(_root(context)).absolute()))
    except (DockerlangError, OSError):
        return []
    names = {f"{name}:{tag}" for row in rows for name, tag, _ in names_of(row) if name and tag}
    words = sorted(names) + (sorted({row.id.short for row in rows}) if incomplete else [])
    return [CompletionItem(word) for word in words if word.startswith(incomplete)]


def containers(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of containers, and short IDs where something is written."""
    from pathlib import Path

    from click.shell_completion import CompletionItem

    from dockerlang.errors import DockerlangError
    from dockerlang.store.store import Store

    try:
        found = Store.open(Path(_root(context)).absolute()).containers()
    except (DockerlangError, OSError):
        return []
    words = [container.name for container in found] + ([container.id[:12] for container in found] if incomplete else [])
    return [CompletionItem(word) for word in words if word.startswith(incomplete)]
