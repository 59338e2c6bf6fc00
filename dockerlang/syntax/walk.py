"""Moving about in a tree: children, all nodes below one, the nodes at an offset, and equality that ignores places."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.records import fields_of
from dockerlang.syntax import nodes
from dockerlang.syntax.lines import OffsetMap
from dockerlang.syntax.shift import touching
from dockerlang.text import Source, Span

_NO_CHILDREN = frozenset({"span", "text", "source", "offsets"})
# The property that says more than the field behind it.
PROPERTIES = {"special_pieces": "pieces"}
_child_fields: dict[type[nodes.Node], tuple[str, ...]] = {}


def children(node: nodes.Node) -> Iterator[nodes.Node]:
    """The nodes directly below `node`, in the order of their fields."""
    kind = type(node)
    names = _child_fields.get(kind)
    if names is None:
        shown = (PROPERTIES.get(name, name) for name in fields_of(kind))
        names = _child_fields[kind] = tuple(name for name in shown if name not in _NO_CHILDREN)
    for name in names:
        value = getattr(node, name)
        if isinstance(value, nodes.Node):
            yield value
        elif isinstance(value, tuple):
            yield from (item for item in value if isinstance(item, nodes.Node))


def walk(node: nodes.Node) -> Iterator[nodes.Node]:
    """`node` and all nodes below it, parents first."""
    yield node
    for child in children(node):
        yield from walk(child)


def path_at(node: nodes.Node, offset: int) -> tuple[nodes.Node, ...]:
    """The nodes that hold a cursor at `offset`, outermost first; the last is the innermost.

    A cursor at the border of two nodes belongs to the one that begins there, so that `$A|$B` means `$B`; at the end of
    a node that nothing follows it still belongs to that node.
    """
    path = [node]
    while True:
        last = path[-1]
        # Of a long file most items need not be looked at.
        around = touching(last.items, offset) if isinstance(last, nodes.Document) else children(last)
        below = [child for child in around if _reach(child).touches(offset)]
        if not below:
            return tuple(path)
        path.append(max(below, key=lambda child: (offset in _reach(child), child.span.start, -len(child.span))))


def node_at(node: nodes.Node, offset: int) -> nodes.Node:
    """The innermost node at `offset`."""
    return path_at(node, offset)[-1]


def _reach(node: nodes.Node) -> Span:
    """Where a cursor means `node` or a node below it: a heredoc's body is far from its mark."""
    if isinstance(node, nodes.Heredoc):
        return Span(node.span.start, node.span.end)
    return node.span


def equal(first: object, second: object) -> bool:
    """Whether two trees say the same, wherever it stands: all fields are compared but spans and sources."""
    if isinstance(first, (Span, Source, OffsetMap)):
        return isinstance(second, type(first))
    if isinstance(first, tuple):
        return (
            isinstance(second, tuple)
            and len(first) == len(second)
            and all(equal(one, other) for one, other in zip(first, second, strict=True))
        )
    if isinstance(first, nodes.Node):
        return type(first) is type(second) and all(
            equal(getattr(first, name), getattr(second, name))
            for name, field in fields_of(type(first)).items()
            if field.compare
        )
    return first == second
