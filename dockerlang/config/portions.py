"""The linter over many files: portion by portion, in this process or spread over several.

What a portion needs is read before, and what it gives is plain data, so that it makes no difference where it is done.
"""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import TypeVar

from dockerlang.config.surroundings import IgnoreText, surroundings_with
from dockerlang.diagnostics import Diagnostic, Safety
from dockerlang.errors import DockerlangError, InputError, RuntimeFailure
from dockerlang.linter.cache import ResultCache
from dockerlang.linter.catalog import Catalog
from dockerlang.linter.engine import lint_many
from dockerlang.linter.fixing import Fixed, fix_text
from dockerlang.linter.settings import Settings
from dockerlang.linter.shell_task import Checker
from dockerlang.linter.stored_findings import FileFindings, from_bytes, to_bytes
from dockerlang.linter.twins import without_twins
from dockerlang.records import record
from dockerlang.syntax import nodes, parse
from dockerlang.text import Source

Result = TypeVar("Result")
# Fewer files are done sooner than other processes are ready.
FILES_WORTH_PROCESSES = 50
# Small enough that trees are let go early and no process waits long for the last one; large enough for ShellCheck.
_FILES_A_PORTION = 48


@record
class Work:
    """One file to lint, read."""

    source: Source
    ignore_file: IgnoreText | None
    settings: Settings


@record
class Outcome:
    """What became of a portion: for each file its findings or why it was not linted; `failure` if ShellCheck failed."""

    results: tuple[FileFindings | InputError, ...]
    failure: DockerlangError | None = None


def lint_all(
    works: Sequence[Work], program: str | None, memory: ResultCache | None = None, jobs: int = 0
) -> Iterator[Outcome]:
    """Lint files with the ShellCheck at `program`, None for without; portions come in the order of the files.

    `jobs` is the number of processes; 0 leaves it to us: as many as there are processors if there are many files.
    Raises `RuntimeFailure` where a process was killed.
    """
    portions, processes = _divided(works, jobs)
    if processes <= 1:
        checker = _checker(program, memory, 0)
        for portion in portions:
            yield lint_portion(portion, checker)
    else:
        for results, failure in _in_processes(_lint_elsewhere, portions, program, memory, processes):
            decoded = (from_bytes(one) if isinstance(one, bytes) else one for one in results)
            yield Outcome(tuple(decoded), failure)


def fix_all(
    works: Sequence[Work], allow: frozenset[Safety], program: str | None, memory: ResultCache | None, jobs: int = 0
) -> Iterator[Fixed]:
    """Apply fixes of the allowed kinds to files, in the order of the files; otherwise as `lint_all`."""
    portions, processes = _divided(works, jobs)
    if processes <= 1:
        checker = _checker(program, memory, 0)
        for portion in portions:
            yield from (_fix(work, allow, checker) for work in portion)
    else:
        for results in _in_processes(partial(_fix_elsewhere, allow), portions, program, memory, processes):
            for text, counts, remaining in results:
                yield Fixed(text, Counter(counts), from_bytes(remaining).diagnostics)


def _divided(works: Sequence[Work], jobs: int) -> tuple[list[Sequence[Work]], int]:
    """The works in portions, and in how many processes to do them."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    wanted = jobs or (processors if len(works) > FILES_WORTH_PROCESSES else 1)
    wanted = min(wanted, len(works))
    size = max(1, min(_FILES_A_PORTION, -(-len(works) // wanted))) if wanted > 1 else _FILES_A_PORTION
    return [works[start : start + size] for start in range(0, len(works), size)], wanted


def lint_portion(works: Sequence[Work], checker: Checker | None) -> Outcome:
    """Lint some files at once; without the checker of scripts, if it fails, everything else is still said."""
    try:
        return Outcome(_lint(works, checker))
    except InputError:
        raise
    except DockerlangError as error:
        return Outcome(_lint(works, None), error)


def _lint(works: Sequence[Work], checker: Checker | None) -> tuple[FileFindings | InputError, ...]:
    results: list[FileFindings | InputError] = []
    for settings, group in groupby(works, key=lambda work: work.settings):
        parsed = [(work, parse(work.source)) for work in group]
        readable = [(work, document) for work, document in parsed if not _is_binary(document)]
        files = [(document, surroundings_with(work.ignore_file)) for work, document in readable]
        linted = iter(lint_many(files, settings, checker))
        for work, document in parsed:
            if _is_binary(document):
                results.append(InputError(f"cannot lint {work.source.name}: it is a binary file"))
            else:
                diagnostics = next(linted)
                results.append(FileFindings(diagnostics, without_twins(diagnostics)))
    return tuple(results)


def _fix(work: Work, allow: frozenset[Safety], checker: Checker | None) -> Fixed:
    surroundings = surroundings_with(work.ignore_file)

    def relint(document: nodes.Document) -> tuple[Diagnostic, ...]:
        try:
            return lint_many([(document, surroundings)], work.settings, checker)[0]
        except DockerlangError:
            # That it does not work was said when the file was linted first.
            return lint_many([(document, surroundings)], work.settings)[0]

    return fix_text(work.source.text, relint, name=work.source.name, allow=allow)


def _is_binary(document: nodes.Document) -> bool:
    return "\0" in document.source.text and not any(document.all_of(nodes.From))


# ---------------------------------------------------------------- several processes


def _in_processes(
    task: Callable[[Sequence[Work]], Result],
    portions: list[Sequence[Work]],
    program: str | None,
    memory: ResultCache | None,
    jobs: int,
) -> Iterator[Result]:
    # Only who lints many files waits for these.
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    if memory is not None:
        memory.close()
    # What is imported before the fork is shared by the processes; the pool forks before it starts threads.
    Catalog.load()
    with ProcessPoolExecutor(jobs, get_context("fork"), _prepare, (program, memory)) as pool:
        try:
            yield from pool.map(task, portions)
        except BrokenProcessPool:
            raise RuntimeFailure(
                "a process of the linter was killed", hint="run again with --jobs 1, which needs less memory at once"
            ) from None


_checker_of_process: list[Checker | None] = []


def _prepare(program: str | None, memory: ResultCache | None) -> None:
    gc.disable()
    # Each process runs one ShellCheck at a time: together they keep all processors busy.
    _checker_of_process[:] = [_checker(program, memory, 1)]


def _lint_elsewhere(works: Sequence[Work]) -> tuple[list[bytes | InputError], DockerlangError | None]:
    outcome = lint_portion(works, _checker_of_process[0])
    return [to_bytes(one) if isinstance(one, FileFindings) else one for one in outcome.results], outcome.failure


def _fix_elsewhere(allow: frozenset[Safety], works: Sequence[Work]) -> list[tuple[str, dict[str, int], bytes]]:
    fixed = [_fix(work, allow, _checker_of_process[0]) for work in works]
    return [(one.text, dict(one.counts), to_bytes(FileFindings(one.remaining, ()))) for one in fixed]


def _checker(program: str | None, memory: ResultCache | None, processes: int) -> Checker | None:
    if program is None:
        return None
    from dockerlang.linter.shellcheck import ShellCheck

    return ShellCheck(program, memory, processes)
