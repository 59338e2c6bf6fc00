"""What a build may not do unless its caller allows it."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.builder.failure import failure
from dockerlang.builder.graph import Exec, Vertex, in_order
from dockerlang.builder.lower.plan import Plan
from dockerlang.syntax import nodes
from dockerlang.text import Source, Span


def refuse_what_is_not_allowed(plan: Plan, allowed: frozenset[str], source: Source) -> None:
    """Raise `BuildFailure` at the first flag that asks for more than `allowed` (the names of `--allow`)."""
    for vertex in in_order(plan.vertex):
        for entitlement, flag in _asked(vertex):
            span = _flag_span(vertex, flag)
            if entitlement not in allowed:
                message = f"this build may not use {entitlement}"
                raise failure(source, "not-allowed", span, message, f"pass --allow {entitlement}")


def _asked(vertex: Vertex) -> Iterator[tuple[str, str]]:
    """The entitlements that an operation needs, each with the flag that asks for it."""
    if isinstance(vertex.op, Exec):
        if vertex.op.network == "host":
            yield "network.host", "network"
        if vertex.op.security == "insecure":
            yield "security.insecure", "security"


def _flag_span(vertex: Vertex, name: str) -> Span:
    assert vertex.origin is not None
    instruction: nodes.Instruction = vertex.origin.instruction
    flag = instruction.flag(name)
    return instruction.statement if flag is None else flag.span
