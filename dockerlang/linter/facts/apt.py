"""What the rules on apt-get know of its options."""

from __future__ import annotations

from dockerlang.semantics.scripts import Invocation


def options(invocation: Invocation) -> str:
    """All configuration given by `-o NAME=value`, in lower case."""
    return " ".join(argument.text.lower() for argument in invocation.arguments if "::" in argument.text)
