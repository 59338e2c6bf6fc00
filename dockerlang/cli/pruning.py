"""What the `prune` commands have in common: the question before, and the lines after."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dockerlang.containers.pruning import Pruned


def is_confirmed(warning: str, *, is_forced: bool) -> bool:
    """Whether the user wants it; asked on the terminal unless forced. No answer means no."""
    if is_forced:
        return True
    click.echo(f"WARNING! {warning}\nAre you sure you want to continue? [y/N] ", nl=False)
    answer = sys.stdin.readline().strip().lower()
    return answer in ("y", "yes")


def print_pruned(pruned: Pruned, heading: str) -> None:
    """What was removed, below a heading."""
    if pruned.removed:
        click.echo("\n".join([f"Deleted {heading}:", *pruned.removed, ""]))


def print_size(size: int) -> None:
    """The last line of every prune."""
    from dockerlang.cli.output.units import human_size

    click.echo(f"Total reclaimed space: {human_size(max(size, 0), 4)}")
