"""JSON documents of the image specification, read strictly and written as docker and BuildKit write them.

The specification asks for I-JSON: UTF-8, no name twice in an object. Readers that disagree on which of two equal names
counts could be shown two different images under one digest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import NoReturn

from dockerlang.errors import InputError, LimitError

_SURROGATE = re.compile("[\ud800-\udfff]")


def read_object(data: bytes, *, what: str, limit: int) -> dict[str, object]:
    """The JSON object in `data`, which is called `what` in errors and holds at most `limit` bytes.

    Raises `LimitError` for a longer one and `InputError` for anything that is not one I-JSON object.
    """
    if len(data) > limit:
        raise LimitError(f"{what}: {len(data)} bytes are more than the {limit} that are allowed")
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_number,
            parse_float=_finite,
        )
    except UnicodeDecodeError as error:
        raise InputError(f"{what}: not UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise InputError(f"{what}: nested too deeply") from None
    except ValueError as error:
        raise InputError(f"{what}: not valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise InputError(f"{what}: not a JSON object")
    return value


def write_object(value: Mapping[str, object]) -> bytes:
    """`value` as compact JSON, byte for byte as Go's encoder does: `<`, `>`, `&` and line separators escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text = _SURROGATE.sub("\ufffd", text)
    # These characters can stand only inside strings.
    for character, escaped in _GO_ESCAPES:
        text = text.replace(character, escaped)
    return text.encode("utf-8")


class Fields:
    """The fields of one object, taken one by one with their types checked; what is left over is `rest`.

    `null` counts as absent. Errors name the document and the field.
    """

    def __init__(self, value: object, what: str) -> None:
        if not isinstance(value, dict):
            raise InputError(f"{what}: must be an object")
        self.what = what
        self.rest: dict[str, object] = {name: item for name, item in value.items() if item is not None}

    def text(self, name: str) -> str:
        """A string; empty where absent."""
        value = self.rest.pop(name, "")
        return value if isinstance(value, str) else self.refuse(name, "a string")

    def integer(self, name: str) -> int | None:
        """A whole number of 64 bits."""
        value = self.rest.pop(name, None)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not -(2**63) <= value < 2**63:
            self.refuse(name, "a whole number")
        return value

    def flag(self, name: str) -> bool:
        """A boolean; false where absent."""
        value = self.rest.pop(name, False)
        return value if isinstance(value, bool) else self.refuse(name, "true or false")

    def texts(self, name: str) -> tuple[str, ...] | None:
        """A list of strings; None where absent. A `null` in it is an empty string, as for Go."""
        value = self.rest.pop(name, None)
        if value is None:
            return None
        if not isinstance(value, list) or not all(item is None or isinstance(item, str) for item in value):
            self.refuse(name, "a list of strings")
        return tuple(item or "" for item in value)

    def names(self, name: str) -> tuple[str, ...]:
        """The names of an object whose values mean nothing (Go's set), sorted."""
        value = self.rest.pop(name, {})
        return tuple(sorted(value)) if isinstance(value, dict) else self.refuse(name, "an object")

    def mapping(self, name: str) -> dict[str, str]:
        """An object whose values are strings; empty where absent. A `null` in it is an empty string, as for Go."""
        value = self.rest.pop(name, {})
        if not isinstance(value, dict) or not all(item is None or isinstance(item, str) for item in value.values()):
            self.refuse(name, "an object with strings as values")
        return {key: item or "" for key, item in value.items()}

    def nested(self, name: str) -> Fields | None:
        """The fields of an object inside this one."""
        value = self.rest.pop(name, None)
        return None if value is None else Fields(value, f"{self.what}: {name}")

    def list_of_nested(self, name: str) -> list[Fields]:
        """The fields of each object of a list; empty where absent."""
        value = self.rest.pop(name, [])
        if not isinstance(value, list):
            self.refuse(name, "a list")
        return [Fields(item, f"{self.what}: {name}[{index}]") for index, item in enumerate(value)]

    def refuse(self, name: str, expected: str) -> NoReturn:
        """Raise the error for a field that is not what it must be."""
        raise InputError(f"{self.what}: {name} must be {expected}")


def without_empty(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    """The pairs whose value is not empty, zero, false or None: Go's `omitempty`."""
    return {name: value for name, value in pairs if value}


_GO_ESCAPES = (
    ("<", "\\u003c"),
    (">", "\\u003e"),
    ("&", "\\u0026"),
    ("\u2028", "\\u2028"),
    ("\u2029", "\\u2029"),
)


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise ValueError(f"the name {name!r} stands twice in one object")
            seen.add(name)
    return value


def _finite(text: str) -> float:
    number = float(text)
    return number if number - number == 0 else _refuse_number(text)


def _refuse_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")
