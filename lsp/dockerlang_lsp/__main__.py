"""`python -m dockerlang_lsp`: the language server on standard input and output."""

from dockerlang_lsp.server import main

main()
