"""The functions of templates: Go's own, and those that docker adds (`json`, `split`, `join`, `title` and so on)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from dockerlang.cli.output.templates.errors import FunctionError
from dockerlang.cli.output.templates.printf import go_format
from dockerlang.cli.output.templates.values import (
    Missing,
    Nothing,
    Value,
    as_printed,
    is_true,
    kind_of,
    to_json,
)
from dockerlang.records import record

_ANY_NUMBER = 1_000_000


@record
class TemplateFunction:
    """What a name stands for, and how many arguments it takes."""

    call: Callable[..., Value]
    least: int
    most: int


def json_of(value: Value) -> str:
    """The value as JSON, without HTML's characters escaped."""
    return to_json(value)


def split(text: str, separator: str) -> list[str]:
    """The pieces between separators; an empty separator stands between all characters."""
    return _string(text).split(separator) if _string(separator) else list(text)


def join(items: Value, separator: str) -> str:
    """The strings of a list with the separator between them."""
    if not isinstance(items, list | tuple | Nothing):
        raise FunctionError(f"wrong type for value; expected list; got {kind_of(items)}")
    return _string(separator).join(_string(item) for item in _items(items))


def title(text: str) -> str:
    """Every word with a capital letter."""
    return re.sub(r"(?<![\w'])\w", lambda match: match[0].upper(), _string(text))


def pad(text: str, before: int, after: int) -> str:
    """The text with spaces around; an empty one stays empty."""
    return f"{' ' * _integer(before)}{text}{' ' * _integer(after)}" if _string(text) else text


def truncate(text: str, length: int) -> str:
    """The first bytes of a text."""
    if _integer(length) < 0:
        raise FunctionError(f"slice bounds out of range [:{length}]")
    return _string(text).encode("utf-8", "surrogateescape")[:length].decode("utf-8", "replace")


def go_print(*values: Value) -> str:
    """The values in a row, with a space between two that are no strings."""
    text = ""
    for position, value in enumerate(values):
        if position and not isinstance(value, str) and not isinstance(values[position - 1], str):
            text += " "
        text += as_printed(value)
    return text


def go_println(*values: Value) -> str:
    """The values with spaces between them, and an end of line."""
    return " ".join(map(as_printed, values)) + "\n"


def printf(format: str, *values: Value) -> str:
    """The format with its verbs filled in."""
    return go_format(_string(format), *values)


def index(value: Value, *keys: Value) -> Value:
    """The item that the keys lead to, step by step."""
    for key in keys:
        if value is None:
            raise FunctionError("index of untyped nil")
        if isinstance(value, Mapping) or value is Nothing.MAP:
            value = {} if value is Nothing.MAP else value
            value = value.get(_string(key), Missing.KEY)
            continue
        if not isinstance(value, str | list | tuple) and value is not Nothing.LIST:
            raise FunctionError(f"can't index item of type {kind_of(value)}")
        items = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else _items(value)
        if not 0 <= _integer(key) < len(items):
            raise FunctionError(f"index out of range: {key}")
        value = items[key]
    return value


def slice_of(value: Value, *bounds: Value) -> Value:
    """`value[from:to]` of a list or of a text's bytes."""
    if not isinstance(value, str | list | tuple) and value is not Nothing.LIST:
        raise FunctionError(f"can't slice item of type {kind_of(value)}")
    items = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else _items(value)
    if isinstance(value, str) and len(bounds) == 3:
        raise FunctionError("cannot 3-index slice a string")
    numbers = [_integer(bound) for bound in bounds]
    for bound in numbers:
        if not 0 <= bound <= len(items):
            raise FunctionError(f"index out of range: {bound}")
    start, end = numbers[0] if numbers else 0, numbers[1] if len(numbers) > 1 else len(items)
    if start > end:
        raise FunctionError(f"invalid slice index: {start} > {end}")
    return items[start:end].decode("utf-8", "replace") if isinstance(items, bytes) else list(items[start:end])


def length(value: Value) -> int:
    """How many items a list or map has, or bytes a text."""
    if isinstance(value, str):
        return len(value.encode("utf-8", "surrogateescape"))
    if isinstance(value, Nothing):
        return 0
    if not isinstance(value, list | tuple | Mapping):
        raise FunctionError(f"len of type {kind_of(value)}" if value is not None else "len of nil pointer")
    return len(value)


def html(*values: Value) -> str:
    """The values as text in which HTML's characters are escaped."""
    text = _texts(values).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&#34;").replace("'", "&#39;").replace("\0", "\ufffd")


def js(*values: Value) -> str:
    """The values as text that may stand in a JavaScript string."""
    escaped = {"\\": "\\\\", "'": "\\'", '"': '\\"'} | {sign: f"\\u{ord(sign):04X}" for sign in "<>&="}
    text = (escaped.get(sign, f"\\u{ord(sign):04X}" if sign < " " else sign) for sign in _texts(values))
    return "".join(text)


def urlquery(*values: Value) -> str:
    """The values as text that may stand in the query of a URL."""
    from urllib.parse import quote_plus

    return quote_plus(_texts(values), errors="surrogateescape")


def equal(first: Value, *others: Value) -> bool:
    """Whether the first is equal to one of the others."""
    return any(_basic(first) is _basic(other) and first == other for other in map(_comparable(first), others))


def less(first: Value, second: Value) -> bool:
    """Whether the first number or text is less than the second."""
    _comparable(first)(second)
    if isinstance(first, bool | None | Nothing | Missing):
        raise FunctionError("invalid type for comparison")
    return bool(first < second)


def call(function: Value, *arguments: Value) -> Value:
    """What Go's `call` does with a value that is no function; those of listings are none."""
    raise FunctionError(f"non-function of type {kind_of(function)}")


def _texts(values: tuple[Value, ...]) -> str:
    return values[0] if len(values) == 1 and isinstance(values[0], str) else go_print(*values)


def _comparable(first: Value) -> Callable[[Value], Value]:
    def checked(other: Value) -> Value:
        for value in (first, other):
            if isinstance(value, list | tuple | Mapping) or value is Nothing.LIST or value is Nothing.MAP:
                raise FunctionError(f"non-comparable type {kind_of(value)}")
        nils = first is None or other is None or isinstance(first, Missing) or isinstance(other, Missing)
        if not nils and _basic(first) is not _basic(other):
            raise FunctionError(f"incompatible types for comparison: {kind_of(first)} and {kind_of(other)}")
        return other

    return checked


def _basic(value: Value) -> type:
    return type(None) if isinstance(value, Missing) else type(value)


def _items(value: Value) -> Value:
    return [] if isinstance(value, Nothing) else value


def _string(value: Value) -> str:
    if not isinstance(value, str):
        raise FunctionError(f"wrong type for value; expected string; got {kind_of(value)}")
    return value


def _integer(value: Value) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise FunctionError(f"wrong type for value; expected int; got {kind_of(value)}")
    return value


FUNCTIONS: Mapping[str, TemplateFunction] = {
    "call": TemplateFunction(call, 1, _ANY_NUMBER),
    "eq": TemplateFunction(equal, 2, _ANY_NUMBER),
    "ge": TemplateFunction(lambda first, second: not less(first, second), 2, 2),
    "gt": TemplateFunction(lambda first, second: less(second, first), 2, 2),
    "html": TemplateFunction(html, 0, _ANY_NUMBER),
    "index": TemplateFunction(index, 1, _ANY_NUMBER),
    "join": TemplateFunction(join, 2, 2),
    "js": TemplateFunction(js, 0, _ANY_NUMBER),
    "json": TemplateFunction(json_of, 1, 1),
    "le": TemplateFunction(lambda first, second: not less(second, first), 2, 2),
    "len": TemplateFunction(length, 1, 1),
    "lower": TemplateFunction(lambda text: _string(text).lower(), 1, 1),
    "lt": TemplateFunction(less, 2, 2),
    "ne": TemplateFunction(lambda first, second: not equal(first, second), 2, 2),
    "not": TemplateFunction(lambda value: not is_true(value), 1, 1),
    "pad": TemplateFunction(pad, 3, 3),
    "print": TemplateFunction(go_print, 0, _ANY_NUMBER),
    "printf": TemplateFunction(printf, 1, _ANY_NUMBER),
    "println": TemplateFunction(go_println, 0, _ANY_NUMBER),
    "slice": TemplateFunction(slice_of, 1, 4),
    "split": TemplateFunction(split, 2, 2),
    "title": TemplateFunction(title, 1, 1),
    "truncate": TemplateFunction(truncate, 2, 2),
    "upper": TemplateFunction(lambda text: _string(text).upper(), 1, 1),
    "urlquery": TemplateFunction(urlquery, 0, _ANY_NUMBER),
}

SHORT_CIRCUITS = frozenset({"and", "or"})
"""What is evaluated only as far as needed; the evaluation itself knows them."""

HEADING_FUNCTIONS: Mapping[str, TemplateFunction] = {
    **FUNCTIONS,
    **{name: TemplateFunction(lambda text: text, 1, 1) for name in ("json", "title", "lower", "upper")},
    "truncate": TemplateFunction(lambda text, length: text, 2, 2),
}
"""The functions while a table's headings are made: those that would change a heading leave it as it is."""
