"""The options of `dockerlang run`, a module a group: what they are called, and what is made of their values."""
