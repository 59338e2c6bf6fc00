"""MAINTAINER as the label that replaces it."""

from __future__ import annotations

from dockerlang.diagnostics import Fix, Safety
from dockerlang.edits import Edit
from dockerlang.syntax import nodes

LABEL = "org.opencontainers.image.authors"


def as_label(instruction: nodes.Maintainer, document: nodes.Document) -> Fix | None:
    """The edit from one to the other. It is unsafe: the image's author field becomes empty."""
    if instruction.name is None or instruction.comments or instruction.blank_lines:
        return None
    escape = document.escape
    name = instruction.name.text.strip()
    if len(name) > 1 and name[0] == name[-1] and name[0] in "\"'":
        name = name[1:-1]
    value = "".join(escape + character if character in (escape, '"', "$") else character for character in name)
    edit = Edit(instruction.statement, f'LABEL {LABEL}="{value}"')
    return Fix("write it as a label", (edit,), Safety.UNSAFE)
