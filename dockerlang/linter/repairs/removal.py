"""Edits that take something away together with the blanks that held it."""

from __future__ import annotations

from dockerlang.edits import Edit
from dockerlang.syntax import nodes
from dockerlang.text import Span


def remove_word(document: nodes.Document, span: Span) -> Edit:
    """Remove a word and the blanks behind it; at the end of a line the blanks before it instead."""
    text = document.source.text
    end = span.end
    while end < len(text) and text[end] in " \t":
        end += 1
    if end < len(text) and text[end] not in "\r\n":
        return Edit(Span(span.start, end), "")
    start = span.start
    while start > 0 and text[start - 1] in " \t":
        start -= 1
    return Edit(Span(start, span.end), "")


def remove_item(instruction: nodes.Instruction) -> Edit:
    """Remove an instruction with its lines."""
    return Edit(instruction.span, "")
