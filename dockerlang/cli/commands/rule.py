"""`dockerlang rule`: what a rule of the linter is about."""

from __future__ import annotations

import click


@click.command()
@click.argument("code", required=False)
def command(*, code: str | None) -> None:
    """Print the page of the rule CODE (or of that name): why it is there, what is bad, and what is better.

    Without CODE, list all rules: code, severity, and whether it can fix what it finds.

    \b
    Examples:
      dockerlang rule DL3020
      dockerlang rule copy-before-install
      dockerlang rule | grep fix
    """
    from dockerlang.errors import NotFoundError
    from dockerlang.linter.catalog import Catalog

    catalog = Catalog.load()
    if code is None:
        width = max(len(rule.code) for rule in catalog.rules)
        for rule in catalog.rules:
            severity = rule.severity.word if rule.is_default else "off"
            click.echo(f"{rule.code:{width}}  {severity:7}  {'fix' if rule.has_fix else '':3}  {rule.title}")
        return
    rule_found = catalog.find(code)
    if rule_found is None:
        raise NotFoundError(f"there is no rule {code}", hint="`dockerlang rule` lists all of them")
    click.echo(f"{rule_found.code} ({rule_found.name}), {rule_found.severity.word}\n")
    click.echo(rule_found.page)
    if rule_found.url:
        click.echo(f"\n{rule_found.url}")
