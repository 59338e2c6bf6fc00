"""Parsing again after an edit: what the edit did not touch is kept.

The work grows with the edit, not with the file: items before it are shared, the lines it touches are read again until
an item begins where an old one began, and the items from there on are shared too, moved when somebody looks at them.
"""

from __future__ import annotations

from bisect import bisect_right

from dockerlang.edits import Edit
from dockerlang.syntax import nodes
from dockerlang.syntax.document import is_open, parse, read_item
from dockerlang.syntax.scanner import HeredocEnds
from dockerlang.syntax.shift import Items
from dockerlang.text import Source, Span


def reparse(document: nodes.Document, edit: Edit) -> nodes.Document:
    """The document with `edit` made: equal, spans included, to what `parse` makes of the new text."""
    old = document.source.text
    text = old[: edit.span.start] + edit.replacement + old[edit.span.end :]
    source = Source(document.source.name, text)
    items = Items.of(document.items)
    starts = items.starts
    touched = max(bisect_right(starts, edit.span.start) - 1, 0)
    if touched <= _directive_count(items) or document.has_open_heredoc:
        # What is said at the top decides how all the rest is read, and any line below may close an open heredoc.
        return parse(source)
    # Blank lines join those above them.
    first = touched - 1
    delta = len(edit.replacement) - len(edit.span)
    offset = starts[first]
    fresh: list[nodes.Item] = []
    # The first old item that may still be as it was: it begins behind what the edit replaced.
    following = bisect_right(starts, edit.span.end, lo=first)
    ends = HeredocEnds(text)
    while offset < len(text):
        while following < len(items) and starts[following] + delta < offset:
            following += 1
        is_old = following < len(items) and starts[following] + delta == offset
        if is_old and offset >= edit.span.start + len(edit.replacement) and not _is_blank(fresh):
            break
        item = read_item(text, offset, document.escape, ends)
        fresh.append(item)
        offset = item.span.end
    else:
        following = len(items)
    moved = items.replaced(first, following, fresh, delta)
    return nodes.Document(Span(0, len(text)), source, moved, document.escape, any(map(is_open, fresh)))


def _directive_count(items: Items) -> int:
    count = 0
    while count < len(items) and isinstance(items.originals[count], nodes.Directive):
        count += 1
    return count


def _is_blank(fresh: list[nodes.Item]) -> bool:
    """Whether blank lines were read last: blank lines that follow belong to them."""
    return bool(fresh) and isinstance(fresh[-1], nodes.Blank)
