"""`dockerlang explain`: what one line of a Dockerfile does."""

from __future__ import annotations

import sys

import click

from dockerlang.errors import InputError, UsageError


@click.command()
@click.argument("place", metavar="FILE:LINE")
@click.option(
    "--build-arg", "build_args", multiple=True, metavar="NAME[=VALUE]",
    help="Explain a build that is given this ARG; without a value, that of the environment.",
)  # fmt: skip
@click.option("--target", metavar="STAGE", default="", help="Explain a build of this stage.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, place: str, build_args: tuple[str, ...], target: str, as_json: bool) -> None:
    """Say what the instruction at FILE:LINE does: how its words expand, who runs it, which packages it gets, and which
    names it sees.

    LINE counts from 1; any line of an instruction means it. ARGs have their defaults unless --build-arg says otherwise.
    Of the base image nothing is known; what it decides is called unknown.

    \b
    Examples:
      dockerlang explain Dockerfile:12
      dockerlang explain --build-arg VERSION=2 --json Dockerfile:12
    """
    from dockerlang.cli.building.values import pairs
    from dockerlang.cli.output.explanations import explanation_json, print_explanation
    from dockerlang.config.dockerfiles import read_source
    from dockerlang.ide.explanation import explain
    from dockerlang.semantics.stages import UnknownStage
    from dockerlang.syntax import parse

    name, _, number = place.rpartition(":")
    if not name or not number.isdecimal() or int(number) == 0:
        raise UsageError(f"`{place}` is no place in a file", hint="write FILE:LINE, such as Dockerfile:12")
    document = parse(read_source(name))
    try:
        explanation = explain(document, int(number) - 1, pairs(build_args, takes_environment=True), target)
    except UnknownStage as error:
        hint = f"did you mean `{error.near[0]}`?" if error.near else "name a stage of the file"
        raise InputError(str(error), hint=hint) from None
    if explanation is None:
        lines = [document.source.lines.line_of(each.keyword.span.start) + 1 for each in document.instructions]
        after = [line for line in lines if line > int(number)]
        near = after[0] if after else lines[-1] if lines else None
        hint = f"the nearest one is in line {near}" if near is not None else "the file has none"
        raise InputError(f"{place} holds no instruction", hint=hint)
    if as_json:
        import json

        click.echo(json.dumps(explanation_json(document.source, explanation), indent=2))
    else:
        print_explanation(document.source, explanation, sys.stdout)
