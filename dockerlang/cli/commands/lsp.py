"""`dockerlang lsp`: the language server for editors."""

from __future__ import annotations

import os
import sys

import click


@click.command()
@click.option("--stdio", is_flag=True, help="Serve on standard input and output. There is no other way.")
def lsp(stdio: bool) -> None:
    """Serve an editor over standard input and output.

    Editors start this command themselves; the same server is the program `dockerlang-lsp`.

    \b
    Example, for Neovim:
      vim.lsp.start({name = "dockerlang", cmd = {"dockerlang", "lsp"}})
    """
    # The server stands above the command line, so it is started, not imported; `-P`: never from the editor's folder.
    os.execv(sys.executable, [sys.executable, "-P", "-m", "dockerlang_lsp"])


command = lsp
