"""Prints the findings of a run in the format that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import TextIO

from dockerlang.diagnostics import Diagnostic
from dockerlang.text import Source

Reports = Sequence[tuple[Source, Sequence[Diagnostic]]]

# The formats that are one text, and the function of the module of that name that makes it. `json`, `sarif` and `github`
# give everything that was found; the others, which people read at last, one of two findings that say the same.
_WHOLE = {
    "json": "as_json",
    "sarif": "as_sarif",
    "checkstyle": "as_checkstyle",
    "codeclimate": "as_codeclimate",
    "gitlab_codeclimate": "as_gitlab_codeclimate",
    "sonarqube": "as_sonarqube",
}
_LINES = {"github": "github_lines", "gnu": "gnu_lines", "codacy": "codacy_lines"}
_WITH_TWINS = frozenset({"json", "sarif", "github"})


def has_twins(output_format: str) -> bool:
    """Whether the format gives both of two findings that say the same."""
    return output_format in _WITH_TWINS


def print_reports(reports: Reports, output_format: str, stream: TextIO) -> None:
    """Print findings in a format other than `text`."""
    # Each format is imported only where it is asked for.
    module = import_module(f"dockerlang.cli.output.{output_format}")
    if output_format in _WHOLE:
        whole: Callable[[Reports], str] = getattr(module, _WHOLE[output_format])
        text = whole(reports)
        # Issues that each end with a zero byte are not to be followed by a newline.
        stream.write(text if output_format == "codeclimate" else f"{text}\n")
        return
    lines: Callable[[Reports], Iterable[str]] = getattr(module, _LINES[output_format])
    stream.writelines(f"{line}\n" for line in lines(reports))
