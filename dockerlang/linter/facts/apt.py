"""What the rules on apt-get know of its options."""

from __future__ import annotations

from dockerlang.semantics.scripts import Argument, Invocation

_WITH_VALUE = ("t", "target-release", "default-release", "o", "option", "c", "config-file", "a", "host-architecture")


def installed(invocation: Invocation) -> tuple[Argument, ...] | None:
    """The packages that `apt-get install` gets; None for another command."""
    if not invocation.has_argument("install"):
        return None
    return tuple(operand for operand in invocation.operands(_WITH_VALUE) if operand.text != "install")


def options(invocation: Invocation) -> str:
    """All configuration given by `-o NAME=value`, in lower case."""
    return " ".join(argument.text.lower() for argument in invocation.arguments if "::" in argument.text)
