"""The mistakes of syntax, by subject; `syntax.problems` collects them."""
