"""Diagnostics as JUnit's XML, which CI systems show as tests: a suite for each file, a failed case for each finding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

from dockerlang import __version__
from dockerlang.cli.output.printable import printable
from dockerlang.diagnostics import Diagnostic
from dockerlang.text import Source


def as_junit(reports: Iterable[tuple[Source, Sequence[Diagnostic]]]) -> str:
    """All files, those without findings too; lines count from 1. Nothing in it depends on when it was made."""
    suites = "".join(_suite(source, diagnostics) for source, diagnostics in reports)
    head = '<?xml version="1.0" encoding="UTF-8"?><testsuites id="dockerlang" name="dockerlang lint" time="0">'
    return f"{head}{suites}</testsuites>"


def _suite(source: Source, diagnostics: Sequence[Diagnostic]) -> str:
    cases = "".join(_case(source, diagnostic) for diagnostic in diagnostics)
    attributes = (
        f'errors="0" failures="{len(diagnostics)}" tests="{len(diagnostics)}" id="dockerlang" '
        f'name="dockerlang {__version__}" package={quoteattr(printable(source.name))} time="0"'
    )
    return f"<testsuite {attributes}>{cases}</testsuite>" if cases else f"<testsuite {attributes}/>"


def _case(source: Source, diagnostic: Diagnostic) -> str:
    name, line = printable(source.name), source.lines.line_of(diagnostic.span.start) + 1
    message = printable(diagnostic.message)
    told = f"File: {name}\nLine: {line}\nCategory: dockerlang lint\n{diagnostic.severity.word}: {message}\n"
    return (
        f"<testcase id={quoteattr(f'dockerlang.rule.{diagnostic.code}')} name={quoteattr(f'{diagnostic.code} {line}')} "
        f'classname={quoteattr(name)} time="0">'
        f"<failure id={quoteattr(diagnostic.code)} message={quoteattr(message)} "
        f'type="{diagnostic.severity.word}">{escape(told)}</failure></testcase>'
    )
