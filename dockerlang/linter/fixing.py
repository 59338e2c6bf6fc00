"""Applies fixes until there is nothing left to fix, and never leaves a file worse than it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from dockerlang.diagnostics import Diagnostic, Fix, Safety
from dockerlang.edits import Edit, apply_edits, conflicts
from dockerlang.records import record
from dockerlang.syntax import nodes, parse, problems

# A fix can make another finding visible; real files settle after two or three rounds.
ROUNDS = 25

Lint = Callable[[nodes.Document], tuple[Diagnostic, ...]]


@record
class Fixed:
    """The outcome: the new text, how many findings were fixed by their codes, and the findings that remain."""

    text: str
    counts: Counter[str]
    remaining: tuple[Diagnostic, ...]


def fix_text(
    text: str, lint: Lint, *, name: str = "Dockerfile", allow: frozenset[Safety] = frozenset({Safety.SAFE})
) -> Fixed:
    """Apply the fixes of the allowed kinds, round by round, until none is left that may be applied.

    Fixes that overlap wait for the next round. A fix that would give the file a new syntax problem, or bring back a
    text that was there before, is left out.
    """
    counts: Counter[str] = Counter()
    document = parse(text, name)
    diagnostics = lint(document)
    seen = {text}
    for _ in range(ROUNDS):
        candidates = _compatible(_allowed(diagnostics, allow))
        accepted = _acceptable(document, candidates, seen)
        if not accepted:
            break
        counts.update(code for code, _ in accepted)
        document = parse(_apply(document, accepted), name)
        seen.add(document.source.text)
        diagnostics = lint(document)
    return Fixed(document.source.text, counts, diagnostics)


_Candidate = tuple[str, Fix]


def _allowed(diagnostics: Iterable[Diagnostic], allow: frozenset[Safety]) -> Iterable[_Candidate]:
    """The first fix of each finding that may be applied."""
    for diagnostic in diagnostics:
        fix = next((fix for fix in diagnostic.fixes if fix.safety in allow), None)
        if fix is not None:
            yield diagnostic.code, fix


def _compatible(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    """As many fixes as go together, in order; of two that overlap the first is kept."""
    chosen: list[_Candidate] = []
    edits: set[Edit] = set()
    for code, fix in candidates:
        # What another rule has already asked for is done with its fix.
        if edits.issuperset(fix.edits) or conflicts(edits | set(fix.edits)):
            continue
        edits |= set(fix.edits)
        chosen.append((code, fix))
    return chosen


def _acceptable(document: nodes.Document, candidates: list[_Candidate], seen: set[str]) -> list[_Candidate]:
    """All candidates where their result is good, else those that are good together, tried one after another."""
    before = _problem_counts(document)

    def is_good(chosen: Sequence[_Candidate]) -> bool:
        text = _apply(document, chosen)
        return text not in seen and _problem_counts(parse(text)) <= before

    if not candidates or is_good(candidates):
        return candidates
    chosen: list[_Candidate] = []
    for candidate in candidates:
        if is_good([*chosen, candidate]):
            chosen.append(candidate)
    return chosen


def _apply(document: nodes.Document, chosen: Iterable[_Candidate]) -> str:
    return apply_edits(document.source.text, {edit for _, fix in chosen for edit in fix.edits})


def _problem_counts(document: nodes.Document) -> Counter[str]:
    return Counter(problem.code for problem in problems(document))
