"""What is read as something else than its writer meant, as findings of rules; `dockerlang check` says the same.

Each rule of `rules/misread` takes one kind of it and adds, where there is one, the fix.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from dockerlang.diagnostics import Diagnostic, Fix, Safety
from dockerlang.edits import Edit
from dockerlang.linter.rule import Finding
from dockerlang.syntax import nodes
from dockerlang.syntax.suspicions import instruction_suspicions

Repair = Callable[[Diagnostic], "Fix | None"]
_QUOTED = re.compile(r"`([^`]+)`")


def misread(code: str, instruction: nodes.Instruction, repair: Repair | None = None) -> Iterator[Finding]:
    """What is misread under `code` in the words of one instruction."""
    yield from as_findings(code, instruction_suspicions(instruction), repair)


def as_findings(code: str, doubts: Iterable[Diagnostic], repair: Repair | None = None) -> Iterator[Finding]:
    """The doubts of one kind as findings."""
    for doubt in doubts:
        if doubt.code == code:
            fix = repair(doubt) if repair is not None else None
            yield Finding(doubt.span, doubt.message, fix, help=doubt.help, labels=doubt.labels)


def replacing(doubt: Diagnostic, title: str, replacement: str) -> Fix:
    """The fix that writes something else at the place of a doubt; it changes what is built, or it were no doubt."""
    return Fix(title, (Edit(doubt.span, replacement),), Safety.UNSAFE)


def suggested(doubt: Diagnostic) -> str | None:
    """The text that a doubt's help says to write; None where it has a gap for the reader to fill."""
    match = _QUOTED.search(doubt.help)
    return None if match is None or "..." in match[1] else match[1]
