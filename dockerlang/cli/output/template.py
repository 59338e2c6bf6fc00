"""The smallest part of Go's templates that listings need: text, `{{.Field.Field}}` and `{{json .Field}}`.

Whatever else docker's templates can do (conditions, loops, variables, other functions) is refused by name, so that
nobody takes half an answer for a whole one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from dockerlang.errors import DockerlangError

_ACTION = re.compile(r"\{\{(-(?=\s))?(.*?)(?:(?<=\s)(-))?\}\}", re.DOTALL)
_FIELD = re.compile(r"\.|(?:\.[A-Za-z_][A-Za-z0-9_]*)+")
NO_NULLS: Mapping[str, str] = {}


class TemplateSyntaxError(DockerlangError):
    """A template that cannot be read, or that asks for more than fields."""

    exit_code = 64


class TemplateFieldError(DockerlangError):
    """A template that asks for a field which is not there."""


@dataclass(frozen=True, slots=True)
class Action:
    """One `{{...}}`: the names that lead to a value, none for the whole, and whether it is written as JSON."""

    path: tuple[str, ...]
    is_json: bool


Template = tuple[str | Action, ...]


def parse_template(text: str) -> Template:
    """The template in `text`; `TemplateSyntaxError` for what is not supported."""
    parts: list[str | Action] = []
    position = 0
    trims = False
    for match in _ACTION.finditer(text):
        literal = text[position : match.start()]
        literal = literal.lstrip() if trims else literal
        parts.append(literal.rstrip() if match[1] else literal)
        parts.append(_parse_action(match[2].strip()))
        position, trims = match.end(), match[3] is not None
    rest = text[position:]
    if "{{" in rest:
        raise TemplateSyntaxError("template parsing error: unclosed action")
    parts.append(rest.lstrip() if trims else rest)
    return tuple(part for part in parts if part != "")


def render(template: Template, value: object, nulls: Mapping[str, str] = NO_NULLS) -> str:
    """The template filled from `value`, a tree of JSON values; `nulls` says how a field that is null is written."""
    return "".join(part if isinstance(part, str) else _fill(part, value, nulls) for part in template)


def fields_of(template: Template) -> list[str]:
    """The names of the top-level fields that the template asks for."""
    return [part.path[0] for part in template if isinstance(part, Action) and part.path]


def to_json(value: object, *, escape_html: bool = False) -> str:
    """Compact JSON; with `escape_html` as Go's encoder writes it by default."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if escape_html:
        for character, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
            text = text.replace(character, escaped)
    return text


def _parse_action(text: str) -> Action:
    words = text.split()
    is_json = len(words) == 2 and words[0] == "json"
    field = words[-1] if is_json or len(words) == 1 else ""
    if not _FIELD.fullmatch(field):
        raise TemplateSyntaxError(
            f"template parsing error: {{{{{text}}}}} is not supported",
            hint="possible are {{.Field}}, {{.Field.Field}}, {{json .}} and {{json .Field}}, or --format json",
        )
    return Action(tuple(name for name in field.split(".") if name), is_json)


def _fill(action: Action, value: object, nulls: Mapping[str, str]) -> str:
    for name in action.path:
        if not isinstance(value, Mapping) or name not in value:
            raise TemplateFieldError(f"template: there is no field {name!r} in {{{{.{'.'.join(action.path)}}}}}")
        value = value[name]
    if action.is_json:
        return to_json(value)
    if value is None and action.path:
        return nulls.get(action.path[-1], "<no value>")
    return _go_text(value)


def _go_text(value: object) -> str:
    """A value as Go's `%v` prints it."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return str(value).lower()
        case Mapping():
            return f"map[{' '.join(f'{key}:{_go_text(item)}' for key, item in sorted(value.items()))}]"
        case list() | tuple():
            return f"[{' '.join(_go_text(item) for item in value)}]"
        case _:
            return str(value)
