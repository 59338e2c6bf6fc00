"""`dockerlang completion`: the script that teaches a shell to complete this command."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the completion script for SHELL.

    \b
    Examples:
      eval "$(dockerlang completion bash)"                                      # in ~/.bashrc
      eval "$(dockerlang completion zsh)"                                       # in ~/.zshrc
      dockerlang completion fish > ~/.config/fish/completions/dockerlang.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None
    group = context.find_root().command
    click.echo(kind(group, {}, "dockerlang", "_DOCKERLANG_COMPLETE").source())
