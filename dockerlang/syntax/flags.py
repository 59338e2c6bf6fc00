"""Flags: how a flag word becomes a typed flag, and which flags each instruction has."""

from __future__ import annotations

import re
from enum import Enum

from dockerlang.syntax import nodes
from dockerlang.syntax.durations import InvalidDuration, parse_duration
from dockerlang.syntax.grammar import GrammarError, parse_line
from dockerlang.syntax.lines import Locate, LogicalLine, Unquoted
from dockerlang.syntax.tokens import Token, Tree
from dockerlang.syntax.words import image_name_of, pieces_of
from dockerlang.text import Span


class FlagKind(Enum):
    """What a flag takes: nothing or a boolean, one value of some type, or a string each time it is given."""

    BOOLEAN = "boolean"
    STRING = "string"
    DURATION = "duration"
    NUMBER = "number"
    LIST = "list"
    MODE = "mode"


_TRANSFER = {
    "chown": FlagKind.STRING,
    "chmod": FlagKind.MODE,
    "link": FlagKind.BOOLEAN,
    "exclude": FlagKind.LIST,
}

# HEALTHCHECK NONE, ARG and STOPSIGNAL ignore whatever flags they are given.
FLAGS: dict[str, dict[str, FlagKind]] = {
    "FROM": {"platform": FlagKind.STRING},
    "RUN": {
        "mount": FlagKind.LIST,
        "network": FlagKind.STRING,
        "security": FlagKind.STRING,
        "device": FlagKind.LIST,
    },
    "COPY": {"from": FlagKind.STRING, **_TRANSFER, "parents": FlagKind.BOOLEAN},
    "ADD": {
        **_TRANSFER,
        "keep-git-dir": FlagKind.BOOLEAN,
        "checksum": FlagKind.STRING,
        "unpack": FlagKind.BOOLEAN,
    },
    "HEALTHCHECK": {
        "interval": FlagKind.DURATION,
        "timeout": FlagKind.DURATION,
        "start-period": FlagKind.DURATION,
        "start-interval": FlagKind.DURATION,
        "retries": FlagKind.NUMBER,
    },
}

# A name means the same in every instruction that has it, so a flag can be typed before it is known to belong there.
_KINDS = {name: kind for flags in FLAGS.values() for name, kind in flags.items()}
_MODE = re.compile(r"[0-7]{1,4}")
_NUMBER = re.compile(r"[+-]?[0-9]+", re.ASCII)


def flag_of(line: LogicalLine, token: Token, escape: str) -> nodes.Flag:
    """The flag that a flag word spells, its quotes removed; `--mount` is split into its options."""
    locate: Locate = line.slice(token.start, token.end).span
    span, text = locate(0, len(token.text)), token.text
    if escape in text or "'" in text or '"' in text:
        unquoted = _without_quotes(text, escape)
        text, locate = unquoted.text, unquoted.inside(locate)
    name, has_value, value_text = text.removeprefix("--").partition("=")
    name_span = locate(2, 2 + len(name))
    if not has_value:
        return _typed(span, name, name_span, None)
    start = 2 + len(name) + 1
    # Up to the end of the flag word: quotes belong to what they quote.
    value_span = Span(min(locate(start - 1, start).end, span.end), span.end)

    locate_value = _from(start, locate)
    if name == "from":
        return nodes.Flag(span, name, name_span, image_name_of(value_span, value_text, locate_value, escape))
    value = nodes.Word(value_span, value_text, pieces_of(value_text, locate_value, escape))
    if name == "mount":
        return nodes.MountFlag(span, name, name_span, value, _mount_options(value_text, locate_value, escape))
    return _typed(span, name, name_span, value)


def _typed(span: Span, name: str, name_span: Span, value: nodes.Word | None) -> nodes.Flag:
    if name == "mount":
        return nodes.MountFlag(span, name, name_span, value)
    match _KINDS.get(name):
        case FlagKind.BOOLEAN:
            text = "true" if value is None else value.text.lower()
            is_on = {"true": True, "false": False}.get(text)
            return nodes.SwitchFlag(span, name, name_span, value, is_on)
        case FlagKind.DURATION:
            return nodes.DurationFlag(span, name, name_span, value, _duration(value))
        case FlagKind.MODE:
            is_octal = value is not None and _MODE.fullmatch(value.text)
            return nodes.ModeFlag(span, name, name_span, value, int(value.text, 8) if value and is_octal else None)
        case FlagKind.NUMBER:
            return nodes.NumberFlag(span, name, name_span, value, _number(value))
        case _:
            return nodes.Flag(span, name, name_span, value)


def _duration(value: nodes.Word | None) -> int | None:
    if value is None:
        return None
    try:
        return parse_duration(value.text) if value.text else 0
    except InvalidDuration:
        return None


def _number(value: nodes.Word | None) -> int | None:
    if value is None or (value.text and not _NUMBER.fullmatch(value.text)):
        return None
    return int(value.text or 0)


def _without_quotes(text: str, escape: str) -> Unquoted:
    """A flag word without quotes and escapes."""
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    quote = ""
    index = 0
    while index < len(text):
        start, character = index, text[index]
        index += 1
        if character == escape:
            character = text[index : index + 1]
            index += 1
        elif character == quote:
            quote = ""
            continue
        elif not quote and character in "'\"":
            quote = character
            continue
        if character:
            characters.append(character)
            starts.append(start)
            ends.append(index)
    return Unquoted("".join(characters), tuple(starts), tuple(ends))


def _mount_options(text: str, locate: Locate, escape: str) -> tuple[nodes.MountOption, ...]:
    try:
        tree = parse_line("mount", text, escape)
    except GrammarError:
        return ()
    options = []
    for field in tree.children:
        assert isinstance(field, Tree)
        token = field.children[0] if field.children else None
        if isinstance(token, Token):
            options.append(_mount_option(token, locate, escape))
    return tuple(options)


def _mount_option(token: Token, locate: Locate, escape: str) -> nodes.MountOption:
    span = locate(token.start, token.end)
    text, locate_text = token.text, _from(token.start, locate)
    if token.type == "QUOTED_FIELD":
        unquoted = _without_csv_quotes(text)
        text, locate_text = unquoted.text, unquoted.inside(locate_text)
    key, has_value, value = text.partition("=")
    key_span = locate_text(0, len(key))
    if not has_value:
        return nodes.MountOption(span, key.lower(), key_span, None)
    start = len(key) + 1
    value_span = locate_text(start, len(text))
    locate_value = _from(start, locate_text)
    if key.lower() == "from":
        return nodes.MountOption(span, key.lower(), key_span, image_name_of(value_span, value, locate_value, escape))
    return nodes.MountOption(
        span, key.lower(), key_span, nodes.Word(value_span, value, pieces_of(value, locate_value, escape))
    )


def _from(offset: int, locate: Locate) -> Locate:
    return lambda start, end: locate(offset + start, offset + end)


def _without_csv_quotes(field: str) -> Unquoted:
    """A quoted field: two quotes stand for one."""
    starts: list[int] = []
    ends: list[int] = []
    index = 1
    while index < len(field) - 1:
        starts.append(index)
        index += 2 if field[index] == '"' else 1
        ends.append(index)
    return Unquoted(field[1:-1].replace('""', '"'), tuple(starts), tuple(ends))
