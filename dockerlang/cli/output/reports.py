"""Prints the findings of a run in the format that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import TextIO

from dockerlang.diagnostics import Diagnostic
from dockerlang.text import Source

Reports = Sequence[tuple[Source, Sequence[Diagnostic]]]

# The formats that are one text, and the function of the module of that name that makes it; those that are lines, and
# the module and function that yield them. `json`, `sarif` and `github` give everything that was found; the others,
# which people read at last, one of two findings that say the same.
_WHOLE = {
    "json": "as_json",
    "sarif": "as_sarif",
    "checkstyle": "as_checkstyle",
    "codeclimate": "as_codeclimate",
    "gitlab_codeclimate": "as_gitlab_codeclimate",
    "sonarqube": "as_sonarqube",
    "junit": "as_junit",
}
_LINES = {
    "concise": ("concise", "concise_lines"),
    "json-lines": ("json", "json_lines"),
    "github": ("github", "github_lines"),
    "gnu": ("gnu", "gnu_lines"),
    "codacy": ("codacy", "codacy_lines"),
}
_WITH_TWINS = frozenset({"json", "json-lines", "sarif", "github"})


def has_twins(output_format: str) -> bool:
    """Whether the format gives both of two findings that say the same."""
    return output_format in _WITH_TWINS


def print_reports(reports: Reports, output_format: str, stream: TextIO) -> None:
    """Print findings in a format that is the same on a terminal and elsewhere."""
    # Each format is imported only where it is asked for.
    if output_format in _WHOLE:
        module = import_module(f"dockerlang.cli.output.{output_format}")
        whole: Callable[[Reports], str] = getattr(module, _WHOLE[output_format])
        text = whole(reports)
        # Issues that each end with a zero byte are not to be followed by a newline.
        stream.write(text if output_format == "codeclimate" else f"{text}\n")
        return
    name, function = _LINES[output_format]
    lines: Callable[[Reports], Iterable[str]] = getattr(import_module(f"dockerlang.cli.output.{name}"), function)
    stream.writelines(f"{line}\n" for line in lines(reports))


def print_findings(
    reports: Reports, output_format: str, stream: TextIO, fixed: int = 0, *, does_colour: bool = True
) -> None:
    """Print findings in any of the formats; `fixed` are no more, which only `full` says."""
    if output_format == "full":
        from dockerlang.cli.output.text import print_report

        print_report(reports, stream, fixed, does_colour=does_colour)
    elif output_format == "tty":
        from dockerlang.cli.output.text import print_lines
        from dockerlang.cli.output.tty import tty_lines

        print_lines(tty_lines(reports), stream, does_colour=does_colour)
    else:
        print_reports(reports, output_format, stream)
