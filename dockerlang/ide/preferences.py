"""What the user chose in the editor, read from whatever JSON the editor sends."""

from __future__ import annotations

from collections.abc import Mapping

from dockerlang.formatter import KeywordCase, Options
from dockerlang.formatter.options import MAXIMUM_INDENT
from dockerlang.records import record

SECTION = "dockerlang"


@record
class Preferences:
    """The user's choices. Indentation is not here: editors send it with each request to format."""

    does_lint: bool = True
    does_check_shell: bool = True
    keyword_case: KeywordCase = KeywordCase.UPPER
    does_keep_shell: bool = False


def preferences_of(value: object) -> Preferences:
    """Preferences from JSON; what is missing or of the wrong kind keeps its default.

    Some editors send the section's content, others an object that holds the section.
    """
    sections = _mapping(value)
    sections = _mapping(sections.get(SECTION, sections))
    lint, style = _mapping(sections.get("lint")), _mapping(sections.get("format"))
    default = Preferences()
    return Preferences(
        does_lint=_kept(lint.get("enable"), default.does_lint),
        does_check_shell=_kept(lint.get("shellcheck"), default.does_check_shell),
        keyword_case=next(
            (case for case in KeywordCase if case.value == style.get("keywordCase")), default.keyword_case
        ),
        does_keep_shell=_kept(style.get("keepShell"), default.does_keep_shell),
    )


def style_of(preferences: Preferences, tab_size: int, does_use_spaces: bool) -> Options:
    """How to format: the user's preferences, with the indentation that the editor sends."""
    return Options(
        keyword_case=preferences.keyword_case,
        indent=min(max(tab_size, 1), MAXIMUM_INDENT),
        does_use_tabs=not does_use_spaces,
        does_keep_shell=preferences.does_keep_shell,
    )


def _mapping(value: object) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    # Protocol libraries turn objects that the protocol leaves open into named tuples.
    fields = getattr(value, "_asdict", None)
    return fields() if fields is not None else {}


def _kept(value: object, default: bool) -> bool:
    return value if isinstance(value, bool) else default
