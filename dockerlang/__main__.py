"""`python -m dockerlang` is the `dockerlang` command."""

from dockerlang.cli.entry import run

if __name__ == "__main__":
    run()
