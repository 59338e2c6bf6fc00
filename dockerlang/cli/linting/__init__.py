"""What `dockerlang lint` does around the linter: options, output, watching, and runs that are asked for again."""
