"""`dockerlang system`: the store itself."""

from __future__ import annotations

import sys

import click

from dockerlang.cli.session import Session


@click.group("system")
def command() -> None:
    """Look after the image store.

    \b
    Examples:
      dockerlang system check
      dockerlang system check --full --repair
    """


@command.command()
@click.option("--full", is_flag=True, help="Read every blob and compare its digest.")
@click.option("--repair", is_flag=True, help="Remove what is damaged or left over.")
@click.pass_obj
def check(session: Session, full: bool, repair: bool) -> None:
    """Check that the store holds all that it says, and nothing else.

    What is damaged counts as absent, so loading or building an image again repairs it, too; --repair removes images
    that cannot be saved. Ends with 1 if a problem is left.

    \b
    Examples:
      dockerlang system check
      dockerlang system check --full --repair
    """
    from dockerlang.cli.privilege import enter_to_remove_trees
    from dockerlang.store.check import check_store, repair_store
    from dockerlang.store.store import Store

    store = Store.open(session.root)
    report = check_store(store, full=full)
    for problem in report.problems:
        click.echo(str(problem))
    if report.problems and repair:
        enter_to_remove_trees(store)
        with store.operation("check") as operation:
            for line in repair_store(operation, full=full):
                click.echo(line)
        report = check_store(store, full=full)
        for problem in report.problems:
            click.echo(f"left: {problem}")
    problems = f"{len(report.problems)} problem{'s' if len(report.problems) != 1 else ''}"
    click.echo(f"{report.images} images, {report.layers} layers, {report.blobs} blobs: {problems}")
    if report.problems:
        sys.exit(1)
