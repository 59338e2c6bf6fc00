"""Lints files on disk: finds and reads them, runs the linter over all of them at once, writes fixes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dockerlang.config.dockerfiles import STANDARD_INPUT, find_dockerfiles, read_source
from dockerlang.config.surroundings import surroundings_of
from dockerlang.diagnostics import Diagnostic, Safety
from dockerlang.errors import DockerlangError, InputError
from dockerlang.linter.engine import lint, lint_many
from dockerlang.linter.fixing import Fixed, fix_text
from dockerlang.linter.settings import Settings
from dockerlang.linter.shell_task import Checker
from dockerlang.linter.surroundings import Surroundings
from dockerlang.syntax import nodes, parse
from dockerlang.text import Source


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in one file; `source` is its text as it is now, after fixes."""

    source: Source
    diagnostics: tuple[Diagnostic, ...]


@dataclass
class LintRun:
    """The outcome of a run: a report for each file that could be read, and why others could not."""

    reports: list[Report] = field(default_factory=list)
    failures: list[DockerlangError] = field(default_factory=list)
    fixed: Counter[str] = field(default_factory=Counter)
    fixed_files: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _File:
    document: nodes.Document
    surroundings: Surroundings


def lint_paths(
    paths: Iterable[str],
    settings: Settings,
    checker: Checker | None = None,
    allow: frozenset[Safety] = frozenset(),
) -> LintRun:
    """Lint files and folders; fixes of the kinds in `allow` are applied and written back, except to standard input."""
    run = LintRun()
    files = _read(paths, run)
    results = _lint(files, settings, checker, run)
    for file, diagnostics in zip(files, results, strict=True):
        source = file.document.source
        if any(fix.safety in allow for diagnostic in diagnostics for fix in diagnostic.fixes):
            fixed = _fix(file, settings, checker, allow)
            if source.name != STANDARD_INPUT and not _write(source.name, fixed.text, run):
                run.reports.append(Report(source, diagnostics))
                continue
            run.fixed.update(fixed.counts)
            run.fixed_files.append(source.name)
            run.reports.append(Report(Source(source.name, fixed.text), fixed.remaining))
        else:
            run.reports.append(Report(source, diagnostics))
    return run


def _read(paths: Iterable[str], run: LintRun) -> list[_File]:
    """The files that can be read; why others cannot goes to the failures."""
    names: dict[str, None] = {}
    for path in paths:
        try:
            names.update(dict.fromkeys(find_dockerfiles([path])))
        except InputError as error:
            run.failures.append(error)
    files: list[_File] = []
    for name in names:
        try:
            files.append(_read_file(name))
        except InputError as error:
            run.failures.append(error)
    return files


def _read_file(name: str) -> _File:
    document = parse(read_source(name))
    if "\0" in document.source.text and not any(document.all_of(nodes.From)):
        raise InputError(f"cannot lint {name}: it is a binary file")
    return _File(document, Surroundings() if name == STANDARD_INPUT else surroundings_of(Path(name)))


def _lint(
    files: Sequence[_File], settings: Settings, checker: Checker | None, run: LintRun
) -> tuple[tuple[Diagnostic, ...], ...]:
    pairs = [(file.document, file.surroundings) for file in files]
    try:
        return lint_many(pairs, settings, checker)
    except DockerlangError as error:
        # Without the checker of scripts everything else can still be said.
        run.failures.append(error)
        return lint_many(pairs, settings)


def _fix(file: _File, settings: Settings, checker: Checker | None, allow: frozenset[Safety]) -> Fixed:
    def relint(document: nodes.Document) -> tuple[Diagnostic, ...]:
        return lint(document, settings, file.surroundings, checker)

    source = file.document.source
    return fix_text(source.text, relint, name=source.name, allow=allow)


def _write(name: str, text: str, run: LintRun) -> bool:
    # The formatter is a floor of its own, and most runs write nothing.
    from dockerlang.formatter.run import write_back

    try:
        write_back(Path(name), text)
    except InputError as error:
        run.failures.append(error)
        return False
    return True
