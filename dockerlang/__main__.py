"""`python -m dockerlang` is the `dockerlang` command."""

from dockerlang.cli.main import main

if __name__ == "__main__":
    main()
