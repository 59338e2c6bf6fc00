"""The values of templates: JSON's, and the two kinds of nothing that Go's structures have beside null."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

Value = Any
"""None, bool, int, float, str, `Nothing`, a list, or a mapping of strings to values."""


class Nothing(Enum):
    """A list or map that a structure has but nobody has filled: null in JSON, printed as an empty one."""

    LIST = "[]"
    MAP = "map[]"


class Missing(Enum):
    """What a look-up in a map gives for a key that is not there; printed as `<no value>`."""

    KEY = "<no value>"


def is_true(value: Value) -> bool:
    """Whether Go counts a value as true: not zero, not empty, not nil."""
    if value is None or isinstance(value, Nothing | Missing):
        return False
    return bool(value)


def as_text(value: Value) -> str:
    """A value as an action prints it."""
    return "<no value>" if value is None or value is Missing.KEY else as_printed(value)


def as_printed(value: Value) -> str:
    """A value as Go's `%v` prints it: `[a b]`, `map[k:v]`, `<nil>`."""
    match value:
        case None:
            return "<nil>"
        case Nothing() | Missing():
            return str(value.value)
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case float():
            return go_float(value)
        case Mapping():
            return "map[" + " ".join(f"{as_printed(key)}:{as_printed(value[key])}" for key in sorted(value)) + "]"
        case Sequence():
            return "[" + " ".join(map(as_printed, value)) + "]"
    return str(value)


def go_float(value: float) -> str:
    """A float as `%v` prints it: the shortest digits, with an exponent below -4 and from 21 on."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    mantissa, _, exponent = f"{value!r}".partition("e")
    if value and not -4 <= math.floor(math.log10(abs(value))) < 21:
        if not exponent:
            mantissa, _, exponent = f"{value:.16e}".partition("e")
            mantissa = mantissa.rstrip("0")
        sign = "-" if exponent.startswith("-") else "+"
        return f"{mantissa.removesuffix('.0').rstrip('.')}e{sign}{exponent.lstrip('+-').zfill(2)}"
    from decimal import Decimal

    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def to_json(value: Value, *, escape_html: bool = False) -> str:
    """Compact JSON; with `escape_html` as Go's encoder writes it by default. Maps are in the order that they have."""
    text = json.dumps(_plain(value), separators=(",", ":"), ensure_ascii=False)
    text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    if escape_html:
        for character, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
            text = text.replace(character, escaped)
    return text


def _plain(value: Value) -> Value:
    if isinstance(value, Nothing | Missing):
        return None
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return int(value)
    return value


def kind_of(value: Value) -> str:
    """The name of a value's type in messages."""
    match value:
        case None:
            return "nil"
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float64"
        case str():
            return "string"
        case Mapping() | Nothing.MAP:
            return "map"
        case Missing():
            return "missing value"
    return "list"
