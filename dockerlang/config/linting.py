"""Lints files on disk: finds and reads them, looks up what is remembered, lints the others, writes fixes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dockerlang.config.dockerfiles import STANDARD_INPUT, find_dockerfiles, read_source
from dockerlang.config.path_patterns import PerFileIgnore, matches_path
from dockerlang.config.result_keys import result_key, wishes_of
from dockerlang.config.surroundings import IgnoreText, ignore_text_of
from dockerlang.diagnostics import Diagnostic, Safety
from dockerlang.errors import DockerlangError, InputError
from dockerlang.linter.settings import Settings
from dockerlang.linter.stored_findings import FileFindings, from_bytes, to_bytes
from dockerlang.records import record, replace
from dockerlang.text import Source

# The linter itself is imported where it is needed: a run that remembers all its findings does without.
if TYPE_CHECKING:
    from dockerlang.linter.cache import ResultCache


@record
class LintRequest:
    """How files are to be linted.

    `program` is ShellCheck's, None to go without; fixes of the kinds in `allow` are applied, and written where
    `does_write`; without a `cache` nothing is remembered; `jobs` is the number of processes, 0 to choose by the number
    of files. Standard input has the name `standard_input_name`, and what lies around a file of that name.
    """

    settings: Settings = field(default_factory=Settings)
    per_file_ignores: tuple[PerFileIgnore, ...] = ()
    program: str | None = None
    allow: frozenset[Safety] = frozenset()
    cache: ResultCache | None = None
    jobs: int = 0
    does_write: bool = True
    standard_input_name: str = STANDARD_INPUT


@record
class Change:
    """A file to which fixes were applied: as it was, and its text after them."""

    source: Source
    text: str


@record
class Report:
    """What was found in one file, and what of it people are shown; `source` is its text as it is now, after fixes."""

    source: Source
    diagnostics: tuple[Diagnostic, ...]
    shown: tuple[Diagnostic, ...]


@dataclass
class LintRun:
    """The outcome of a run: a report for each file that could be read, why others could not, and what fixes changed."""

    reports: list[Report] = field(default_factory=list)
    failures: list[DockerlangError] = field(default_factory=list)
    fixed: Counter[str] = field(default_factory=Counter)
    changes: list[Change] = field(default_factory=list)


@record
class _File:
    source: Source
    ignore_file: IgnoreText | None
    settings: Settings


def lint_paths(paths: Iterable[str], request: LintRequest) -> LintRun:
    """Lint files and folders; fixes are written back, except to standard input."""
    run = LintRun()
    files = _read(paths, request, run)
    found = _findings(files, request, run)
    fixable = [file for file, findings in zip(files, found, strict=True) if _can_fix(findings, request)]
    fixed = _fix(fixable, request, run)
    for file, findings in zip(files, found, strict=True):
        if findings is not None:
            as_it_is = Report(file.source, findings.diagnostics, findings.shown)
            run.reports.append(fixed.get(file.source.name, as_it_is))
    return run


def _can_fix(findings: FileFindings | None, request: LintRequest) -> bool:
    return findings is not None and any(
        fix.safety in request.allow for found in findings.diagnostics for fix in found.fixes
    )


def _read(paths: Iterable[str], request: LintRequest, run: LintRun) -> list[_File]:
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
            source = read_source(name)
        except InputError as error:
            run.failures.append(error)
            continue
        if name == STANDARD_INPUT:
            source = Source(request.standard_input_name, source.text)
        ignore_file = None if source.name == STANDARD_INPUT else ignore_text_of(Path(source.name))
        files.append(_File(source, ignore_file, _settings_of(source.name, request)))
    return files


def _settings_of(name: str, request: LintRequest) -> Settings:
    if not request.per_file_ignores:
        return request.settings
    codes = [each.codes for each in request.per_file_ignores if matches_path(name, each.pattern)]
    return replace(request.settings, ignore=request.settings.ignore.union(*codes)) if codes else request.settings


# ---------------------------------------------------------------- findings, remembered or new


def _findings(files: Sequence[_File], request: LintRequest, run: LintRun) -> list[FileFindings | None]:
    """The findings of each file; None where it cannot be linted, why goes to the failures."""
    keys = _keys(files, request) if request.cache is not None else []
    found = _remembered(keys, request.cache) if request.cache is not None else {}
    results = [found.get(number) for number in range(len(files))]
    unknown = [number for number, findings in enumerate(results) if findings is None]
    if not unknown:
        return results
    from dockerlang.config.portions import Work, lint_all

    works = [Work(files[number].source, files[number].ignore_file, files[number].settings) for number in unknown]
    numbers = iter(unknown)
    for outcome in lint_all(works, request.program, request.cache, request.jobs):
        new: dict[bytes, bytes] = {}
        # What was said without ShellCheck, which failed, is not all that can be said.
        is_whole = outcome.failure is None
        if outcome.failure is not None and not any(str(outcome.failure) == str(each) for each in run.failures):
            run.failures.append(outcome.failure)
        for result in outcome.results:
            number = next(numbers)
            if isinstance(result, InputError):
                run.failures.append(result)
                continue
            results[number] = result
            if keys and is_whole:
                new[keys[number]] = to_bytes(result)
        if request.cache is not None:
            request.cache.put_many(new)
    return results


def _keys(files: Sequence[_File], request: LintRequest) -> list[bytes]:
    wishes: dict[int, bytes] = {}
    keys = []
    for file in files:
        # Most files share one object of settings.
        told = wishes.get(id(file.settings))
        if told is None:
            told = wishes[id(file.settings)] = wishes_of(file.settings, request.program)
        keys.append(result_key(file.source.text, file.ignore_file, told))
    return keys


def _remembered(keys: Sequence[bytes], cache: ResultCache) -> dict[int, FileFindings]:
    """What is remembered, by the numbers of the keys."""
    values = cache.get_many(list(dict.fromkeys(keys)))
    found: dict[int, FileFindings] = {}
    for number, key in enumerate(keys):
        try:
            if key in values:
                found[number] = from_bytes(values[key])
        except ValueError:
            # Whatever stands there, it will be overwritten.
            continue
    return found


# ---------------------------------------------------------------- fixes


def _fix(files: Sequence[_File], request: LintRequest, run: LintRun) -> dict[str, Report]:
    """Fix files and write them back; what remains of each, by its name. A file that cannot be written is not there."""
    if not files:
        return {}
    from dockerlang.config.portions import Work, fix_all
    from dockerlang.linter.twins import without_twins

    works = [Work(file.source, file.ignore_file, file.settings) for file in files]
    reports: dict[str, Report] = {}
    for file, fixed in zip(
        files, fix_all(works, request.allow, request.program, request.cache, request.jobs), strict=True
    ):
        name = file.source.name
        is_file = name != request.standard_input_name
        if request.does_write and is_file and not _write(name, fixed.text, run):
            continue
        run.fixed.update(fixed.counts)
        run.changes.append(Change(file.source, fixed.text))
        reports[name] = Report(Source(name, fixed.text), fixed.remaining, without_twins(fixed.remaining))
    return reports


def _write(name: str, text: str, run: LintRun) -> bool:
    # The formatter is a floor of its own, and most runs write nothing.
    from dockerlang.formatter.run import write_back

    try:
        write_back(Path(name), text)
    except InputError as error:
        run.failures.append(error)
        return False
    return True
