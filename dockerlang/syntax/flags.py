"""Flags: how a flag word becomes a typed flag, and which flags each instruction has."""

from __future__ import annotations

import re
from enum import Enum

from dockerlang.syntax import nodes
from dockerlang.syntax.durations import InvalidDuration, parse_duration
from dockerlang.syntax.grammar import GrammarError, parse_line
from dockerlang.syntax.lines import LogicalLine
from dockerlang.syntax.tokens import Token, Tree
from dockerlang.syntax.words import Locate, pieces_of
from dockerlang.text import Span


class FlagKind(Enum):
    """What a flag takes: nothing or a boolean, one value of some type, or a string each time it is given."""

    BOOLEAN = "boolean"
    STRING = "string"
    DURATION = "duration"
    NUMBER = "number"
    LIST = "list"


_TRANSFER = {
    "chown": FlagKind.STRING,
    "chmod": FlagKind.STRING,
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
_NUMBER = re.compile(r"[+-]?[0-9]+", re.ASCII)


def flag_of(line: LogicalLine, token: Token, escape: str) -> nodes.Flag:
    """The flag that a flag word spells, its quotes removed; `--mount` is split into its options."""
    text, is_exact = _without_quotes(token.text, escape)
    span = line.span(token.start, token.end)
    name, has_value, value_text = text.removeprefix("--").partition("=")
    value_start = token.start + 2 + len(name) + 1
    name_end = token.start + 2 + len(name) if is_exact else token.end
    name_span = line.span(token.start + 2, name_end)
    if not has_value:
        return _typed(span, name, name_span, None)
    value_span = line.span(value_start, token.end) if is_exact else span
    locate: Locate = line.slice(value_start).span if is_exact else lambda _start, _end: span
    value = nodes.Word(value_span, value_text, pieces_of(value_text, locate, escape))
    if name == "mount":
        return nodes.MountFlag(span, name, name_span, value, _mount_options(value_text, locate, escape))
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


def _without_quotes(text: str, escape: str) -> tuple[str, bool]:
    """A flag word without quotes and escapes, and whether there were none, so that offsets stay true."""
    if escape not in text and "'" not in text and '"' not in text:
        return text, True
    characters: list[str] = []
    quote = ""
    index = 0
    while index < len(text):
        character = text[index]
        if character == escape:
            index += 1
            characters.append(text[index : index + 1])
        elif character == quote:
            quote = ""
        elif not quote and character in "'\"":
            quote = character
        else:
            characters.append(character)
        index += 1
    return "".join(characters), False


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
    is_quoted = token.type == "QUOTED_FIELD"
    text = token.text[1:-1].replace('""', '"') if is_quoted else token.text
    key, has_value, value = text.partition("=")
    start = token.start + is_quoted
    span = locate(token.start, token.end)
    key_span = locate(start, start + len(key))
    if not has_value:
        return nodes.MountOption(span, key.lower(), key_span, None)
    value_start = start + len(key) + 1

    def locate_value(first: int, last: int) -> Span:
        return locate(value_start + first, value_start + last)

    word = nodes.Word(locate_value(0, len(value)), value, pieces_of(value, locate_value, escape))
    return nodes.MountOption(span, key.lower(), key_span, word)
