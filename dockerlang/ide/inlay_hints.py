"""What an editor shows between the characters: the value of a variable where it is used."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.records import record
from dockerlang.semantics.scopes import BindingKind
from dockerlang.semantics.static_scopes import static_scopes
from dockerlang.syntax import nodes
from dockerlang.syntax.walk import walk
from dockerlang.text import Span

_LONGEST = 40


@record
class InlayHint:
    """`text` is shown before the character at `offset`."""

    offset: int
    text: str


def inlay_hints(document: nodes.Document, within: Span) -> tuple[InlayHint, ...]:
    """The hints for the instructions that touch `within`, in the order of places."""
    return tuple(sorted(_hints(document, within), key=lambda hint: hint.offset))


def _hints(document: nodes.Document, within: Span) -> Iterator[InlayHint]:
    scopes = static_scopes(document)
    for instruction in document.instructions:
        # A trigger is expanded in the build that it runs in, not here.
        if not instruction.span.overlaps(within) or isinstance(instruction, nodes.OnBuild):
            continue
        bindings = scopes.at(instruction).bindings
        for node in walk(instruction):
            binding = bindings.get(node.name) if isinstance(node, nodes.Variable) else None
            if binding is None or not binding.value or binding.kind is BindingKind.AUTOMATIC:
                continue
            value = binding.value if len(binding.value) <= _LONGEST else f"{binding.value[: _LONGEST - 1]}…"
            yield InlayHint(node.span.end, f"= {value}")
