"""The places where two values differ, for people: only the fields that are not equal, each with its path."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

ABSENT = "(absent)"


class Difference(NamedTuple):
    """One place: `path` as in `layers[2].mode`, empty for the whole value."""

    path: str
    expected: str
    actual: str


def differences(expected: object, actual: object, path: str = "") -> Iterator[Difference]:
    """All places where `actual` is not what was expected, in order."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in [*expected, *(key for key in actual if key not in expected)]:
            below = f"{path}.{key}" if path else str(key)
            if key not in expected:
                yield Difference(below, ABSENT, _shown(actual[key]))
            elif key not in actual:
                yield Difference(below, _shown(expected[key]), ABSENT)
            else:
                yield from differences(expected[key], actual[key], below)
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, (one, other) in enumerate(zip(expected, actual, strict=True)):
            yield from differences(one, other, f"{path}[{index}]")
    elif expected != actual:
        yield Difference(path, _shown(expected), _shown(actual))


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=repr)
