"""How progress names a step: `[stage 2/5] RUN make`, as the reference does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dockerlang.semantics.expand import ExpansionError, expand_pieces
from dockerlang.syntax import nodes
from dockerlang.syntax.words import pieces_of
from dockerlang.text import Span

_FIRST_WORD = re.compile(r"[^\t\v\f\r ]+")


def step_text(instruction: nodes.Instruction, environment: Mapping[str, str], escape: str) -> str:
    """The instruction as one line: its keyword in upper case, variables replaced, the script of a RUN hinted at.

    In a RUN a variable that is not set stays as it is: the shell may know it. Elsewhere quotes are gone too.
    """
    text = _FIRST_WORD.sub(lambda match: match[0].upper(), instruction.text.strip(), count=1)
    pieces = pieces_of(text, Span, escape)
    if isinstance(instruction, nodes.Run):
        text = _with_set_variables(pieces, environment, text)
        return text + _hint(instruction)
    try:
        return expand_pieces(pieces, environment).text
    except ExpansionError:
        return text


def _with_set_variables(pieces: Sequence[nodes.Piece], environment: Mapping[str, str], text: str) -> str:
    made = []
    for piece in pieces:
        written = text[piece.span.start : piece.span.end]
        match piece:
            case nodes.Variable() if piece.name in environment and not piece.modifier:
                made.append(environment[piece.name])
            case nodes.DoubleQuoted():
                made.append(f'"{_with_set_variables(piece.parts, environment, text)}"')
            case _:
                made.append(written)
    return "".join(made)


def _hint(instruction: nodes.Run) -> str:
    """The first line of a heredoc, for one who cannot see the file."""
    if not instruction.heredocs:
        return ""
    first, _, rest = instruction.heredocs[0].chomped.strip().partition("\n")
    return f" ({first}{'...' if rest else ''})" if first else ""


def counts_as_step(instruction: nodes.Instruction) -> bool:
    """Whether the instruction has a number in its stage: it makes a layer."""
    return isinstance(instruction, (nodes.Run, nodes.Transfer, nodes.Workdir))


def step_name(stage: str, number: int, total: int, text: str) -> str:
    """The step's full name; `stage` is empty where the file has one stage."""
    prefix = f"{stage} " if stage else ""
    width = len(str(total))
    return f"[{prefix}{number:>{width}}/{total}] {text}"
