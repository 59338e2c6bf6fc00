"""What an editor offers to do about findings: their fixes, and comments that silence them."""

from __future__ import annotations

from collections.abc import Sequence

from dockerlang.diagnostics import Diagnostic, Safety
from dockerlang.edits import Edit
from dockerlang.ide.suppression import suppressions
from dockerlang.records import record
from dockerlang.syntax import nodes


@record
class Action:
    """Edits under a title, and the findings that they answer; `is_preferred` for a fix that is safe."""

    title: str
    edits: tuple[Edit, ...]
    findings: tuple[Diagnostic, ...]
    is_preferred: bool = False


def actions(document: nodes.Document, findings: Sequence[Diagnostic]) -> tuple[Action, ...]:
    """The fixes of the findings, then the ways to silence them.

    Rules of two families may mean the same thing: then one action answers both.
    """
    fixes: dict[tuple[Edit, ...], Action] = {}
    for finding in findings:
        for fix in finding.fixes:
            known = fixes.get(fix.edits)
            title = fix.title[:1].upper() + fix.title[1:]
            answered = (*known.findings, finding) if known is not None else (finding,)
            fixes[fix.edits] = Action(known.title if known else title, fix.edits, answered, fix.safety is Safety.SAFE)
    silenced = {
        (each.title, each.edit): Action(each.title, (each.edit,), (finding,))
        for finding in findings
        for each in suppressions(document, finding)
    }
    return (*fixes.values(), *silenced.values())
