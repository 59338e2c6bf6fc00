"""Writes the comments that silence what a run has found."""

from __future__ import annotations

from pathlib import Path

from dockerlang.config.linting import LintRun
from dockerlang.edits import apply_edits
from dockerlang.errors import InputError
from dockerlang.formatter.run import write_back
from dockerlang.linter.baseline import ignore_comments
from dockerlang.records import replace
from dockerlang.syntax import parse


def add_ignores(run: LintRun, *, standard_input_name: str) -> int:
    """Write the comments into the files of a run; how many findings they silence, which are no longer in it.

    Standard input cannot be written and keeps its findings, as does a file that cannot: why goes to the failures.
    """
    silenced = 0
    for number, report in enumerate(run.reports):
        document = parse(report.source)
        edits = ignore_comments(document, report.diagnostics)
        if not edits or report.source.name == standard_input_name:
            continue
        try:
            write_back(Path(report.source.name), apply_edits(report.source.text, edits))
        except InputError as error:
            run.failures.append(error)
            continue
        codes = frozenset(
            code for found in report.diagnostics if ignore_comments(document, [found]) for code in [found.code]
        )
        silenced += sum(found.code in codes for found in report.shown)
        run.reports[number] = replace(
            report,
            diagnostics=tuple(found for found in report.diagnostics if found.code not in codes),
            shown=tuple(found for found in report.shown if found.code not in codes),
        )
    return silenced
