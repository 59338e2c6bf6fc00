"""The formatter's options from a project's configuration."""

from __future__ import annotations

from pathlib import Path

from dockerlang.config.project import find_project
from dockerlang.formatter.options import MAXIMUM_INDENT, KeywordCase, Options

KEYS = ("keyword-case", "indent", "tabs", "keep-shell")


def format_options(folder: Path) -> Options:
    """The style of the project that `folder` belongs to. Raises `InputError` for what cannot be."""
    project = find_project(folder)
    if project is None:
        return Options()
    table = project.table("format")
    table.refuse_others(KEYS)
    default = Options()
    return Options(
        keyword_case=KeywordCase(table.choice("keyword-case", [case.value for case in KeywordCase]) or "upper"),
        indent=table.number("indent", default.indent, 1, MAXIMUM_INDENT),
        does_use_tabs=table.switch("tabs", default.does_use_tabs),
        does_keep_shell=table.switch("keep-shell", default.does_keep_shell),
    )
