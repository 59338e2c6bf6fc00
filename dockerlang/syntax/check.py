"""What is wrong with a Dockerfile as text: BuildKit's parse and instruction phases, as diagnostics.

`problems` lists everything; the reference stops at the first. Codes in `PARSE_PHASE` are those for which the reference
yields no tree at all. Meaning (unknown stages, expansion, values that only a build can judge) is not looked at here.
"""

from __future__ import annotations

from dockerlang.diagnostics import Diagnostic
from dockerlang.syntax import nodes
from dockerlang.syntax.checks.file import file_problems
from dockerlang.syntax.checks.instructions import instruction_problems
from dockerlang.syntax.checks.report import error

PARSE_PHASE = frozenset(
    {
        "no-instructions", "line-too-long", "repeated-directive", "bad-escape", "array-of-strings",
        "pair-without-value", "pair-without-equals", "open-heredoc",
    }
)  # fmt: skip


def problems(document: nodes.Document) -> tuple[Diagnostic, ...]:
    """All mistakes of syntax, in the order of their places."""
    found = [*file_problems(document)]
    has_stage = False
    for instruction in document.instructions:
        found.extend(instruction_problems(instruction))
        has_stage = has_stage or isinstance(instruction, nodes.From)
        if not has_stage and not isinstance(instruction, (nodes.Arg, nodes.Invalid)):
            found.append(
                error(
                    "before-first-stage",
                    instruction.keyword.span,
                    f"{instruction.keyword.text} stands before the first FROM",
                    "start the file with FROM; only ARG may come before it",
                )
            )
    return tuple(sorted(found, key=lambda problem: problem.span.start))
