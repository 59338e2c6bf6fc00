"""Comments above an instruction: which of them belong to it, and which document a stage or an argument.

Section 1.3 and 1.11 of the language.
"""

from __future__ import annotations

from collections.abc import Mapping

from dockerlang.syntax import nodes
from dockerlang.syntax.scanner import UNICODE_BLANKS


def comments_above(document: nodes.Document) -> Mapping[int, tuple[nodes.Comment, ...]]:
    """The comments that belong to each instruction, by `id(instruction)`; instructions without any are left out.

    They are those since the instruction before it; a comment without text starts the list anew, a blank line does not.
    """
    above: dict[int, tuple[nodes.Comment, ...]] = {}
    comments: list[nodes.Comment] = []
    for item in document.items:
        match item:
            case nodes.Comment():
                comments = [*comments, item] if comment_text(document, item) else []
            case nodes.Instruction():
                if comments:
                    above[id(item)] = tuple(comments)
                comments = []
    return above


def comment_text(document: nodes.Document, comment: nodes.Comment) -> str:
    """A comment as the reference keeps it: the line without its first character, trimmed.

    Of an indented comment that character is a blank, so its text still begins with `#` and documents nothing.
    """
    line = document.source.slice(comment.span).removeprefix("\ufeff")
    return line[1:].strip(UNICODE_BLANKS)


def documentation(document: nodes.Document, comments: tuple[nodes.Comment, ...], name: str) -> str:
    """What the comments say about a stage or an argument: the rest of the first that begins with its name."""
    for comment in comments:
        text = comment_text(document, comment)
        if name and text.startswith(name + " "):
            return text[len(name) + 1 :].strip(UNICODE_BLANKS)
    return ""
