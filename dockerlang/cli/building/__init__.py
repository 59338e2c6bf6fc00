"""The options of `dockerlang build`, a module a group: what they are called, and what is made of their values."""
