"""Edits that give a command of RUN one more option."""

from __future__ import annotations

from dockerlang.diagnostics import Fix, Safety
from dockerlang.edits import Edit
from dockerlang.semantics.scripts import Argument, Invocation
from dockerlang.text import Span


def add_flag(invocation: Invocation, after: Argument | None, flag: str, safety: Safety) -> Fix | None:
    """The fix that puts `flag` behind an argument, or behind the command's name; None in exec form."""
    if invocation.is_exec_form:
        return None
    at = after.span.end if after is not None else invocation.name_span.end
    return Fix(f"add {flag}", (Edit(Span(at, at), f" {flag}"),), safety)
