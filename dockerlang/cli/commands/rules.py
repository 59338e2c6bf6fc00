"""`dockerlang rules`: all rules of the linter."""

from __future__ import annotations

import click


@click.command()
@click.option(
    "--family",
    type=click.Choice(["hadolint", "buildkit", "dockerlang"]),
    help="Those of one family only.",
)
@click.option("--fixable", is_flag=True, help="Those only that can mend what they find.")
@click.option("--format", "output_format", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(*, family: str | None, fixable: bool, output_format: str) -> None:
    """List the rules of the linter: code, severity, whether it has a fix, and what it asks for.

    \b
    Examples:
      dockerlang rules
      dockerlang rules --family dockerlang --fixable
      dockerlang rules --format json
    """
    from dockerlang.linter.catalog import Catalog

    rules = [
        rule
        for rule in Catalog.load().rules
        if (family is None or rule.family.value == family) and (rule.has_fix or not fixable)
    ]
    if output_format == "json":
        import json

        listed = [
            {
                "code": rule.code,
                "name": rule.name,
                "family": rule.family.value,
                "severity": rule.severity.word,
                "is_default": rule.is_default,
                "has_fix": rule.has_fix,
                "title": rule.title,
                "url": rule.url,
            }
            for rule in rules
        ]
        click.echo(json.dumps(listed, indent=2))
        return
    width = max((len(rule.code) for rule in rules), default=0)
    for rule in rules:
        severity = rule.severity.word if rule.is_default else "off"
        click.echo(f"{rule.code:{width}}  {severity:7}  {'fix' if rule.has_fix else '':3}  {rule.title}")
