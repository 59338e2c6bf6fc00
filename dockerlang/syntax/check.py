"""What is wrong with a Dockerfile as text: BuildKit's parse and instruction phases, as diagnostics.

`problems` lists everything; the reference stops at the first. Codes in `PARSE_PHASE` are those for which the reference
yields no tree at all. Meaning (unknown stages, expansion, values that only a build can judge) is not looked at here.
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic
from dockerlang.syntax import nodes
from dockerlang.syntax.checks.file import file_problems, long_lines
from dockerlang.syntax.checks.instructions import instruction_problems
from dockerlang.syntax.checks.keywords import guess_keyword
from dockerlang.syntax.checks.report import error
from dockerlang.syntax.checks.unknown import unknown_instructions

PARSE_PHASE = frozenset(
    {
        "no-instructions", "line-too-long", "repeated-directive", "bad-escape", "array-of-strings",
        "pair-without-value", "pair-without-equals", "open-heredoc",
    }
)  # fmt: skip


def problems(document: nodes.Document) -> tuple[Diagnostic, ...]:
    """All mistakes of syntax, in the order of their places."""
    found = [*long_lines(document), *file_level_problems(document)]
    for instruction in document.instructions:
        found.extend(instruction_problems(instruction, document.source))
    return tuple(sorted(found, key=lambda problem: problem.span.start))


def file_level_problems(document: nodes.Document) -> Iterator[Diagnostic]:
    """What is wrong beyond single instructions, the length of lines aside.

    They depend on the directives, on the first instruction and all above the first FROM, and on the lines that are no
    instruction with the items next to them.
    """
    yield from file_problems(document)
    yield from unknown_instructions(document)
    yield from _before_first_stage(document)


def _before_first_stage(document: nodes.Document) -> Iterator[Diagnostic]:
    """The first instruction that has no stage; where a line that should have been FROM stands above it, none."""
    for instruction in document.instructions:
        if isinstance(instruction, nodes.From):
            return
        if isinstance(instruction, nodes.Invalid):
            guess = guess_keyword(instruction)
            if guess is not None and guess.meant == "FROM":
                return
        elif not isinstance(instruction, nodes.Arg):
            yield error(
                "before-first-stage",
                instruction.keyword.span,
                f"{instruction.keyword.text} stands before the first FROM",
                "start the file with `FROM image`; only ARG may come before it",
            )
            return
