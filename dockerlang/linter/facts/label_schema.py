"""Labels against a schema: which format a value must have, by the configuration's `label-schema`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime

from dockerlang.linter.facts.licenses import is_license_expression
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.words import has_variable, unquoted
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!#$%&'()*+,/:;=?@\[\]A-Za-z0-9._~-]*", re.ASCII)
_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:)(\d{2})(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)", re.ASCII
)
_HASH = re.compile(r"[0-9a-f]{7}|[0-9a-f]{40}")
_VERSION = re.compile(r"\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?", re.ASCII)
_EMAIL = re.compile(r"[^@\s<>()]+@[^@\s<>()]+")

FORMATS = ("text", "url", "rfc3339", "spdx", "hash", "semver", "email")


def values_of(file: LintedFile, instruction: nodes.Label, format: str) -> Iterator[tuple[str, nodes.Word, str]]:
    """The labels of an instruction whose value must have `format`, with that value where the file alone tells it."""
    for pair in instruction.pairs:
        name = unquoted(pair.name)
        if pair.value is not None and file.settings.label_schema.get(name) == format and not has_variable(pair.value):
            yield name, pair.value, unquoted(pair.value)


def names_in(stage: Stage) -> frozenset[str]:
    """The labels that a stage itself sets."""
    return frozenset(
        unquoted(pair.name)
        for instruction in stage.instructions
        if isinstance(instruction, nodes.Label)
        for pair in instruction.pairs
    )


def is_valid(format: str, text: str) -> bool:
    """Whether a value has the format; every text has one that does not exist."""
    check = _CHECKS.get(format)
    return check is None or check(text)


def _is_time(text: str) -> bool:
    match = _TIME.fullmatch(text)
    if match is None:
        return False
    date, time, seconds = match.groups()
    try:
        # A leap second is a second 60, which `datetime` does not know.
        datetime.fromisoformat(f"{date}T{time}{'59' if seconds == '60' else seconds}")
    except ValueError:
        return False
    return True


_CHECKS: dict[str, Callable[[str], bool]] = {
    "url": lambda text: _URI.fullmatch(text) is not None,
    "rfc3339": _is_time,
    "spdx": is_license_expression,
    "hash": lambda text: _HASH.fullmatch(text) is not None,
    "semver": lambda text: _VERSION.fullmatch(text) is not None,
    "email": lambda text: _EMAIL.fullmatch(text) is not None,
}
