"""The language server: `dockerlang.ide`, the linter and the formatter, told in the language server protocol."""
