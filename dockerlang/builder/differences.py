"""What differs between two definitions of a step, in words: the first thing that a reader looks for comes first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from dockerlang.builder.file_list import compare

Definition = Mapping[str, Any]
Difference = tuple[str, tuple[str, ...]]
"""One line, and lines that say more."""

_MOST_FILES = 10
_LONGEST = 120
_LONGEST_LIST = 3
_WORDS = {
    "user": "the user", "cwd": "the working directory", "network": "the network", "security": "the security mode",
    "mounts": "the mounts", "hostname": "the host name", "extra hosts": "the names of --add-host",
    "script": "the script", "destination": "the destination", "owner": "the owner", "mode": "the mode",
    "parents": "--parents", "exclude": "--exclude", "path": "the path", "epoch": "SOURCE_DATE_EPOCH",
}  # fmt: skip


def operation_differences(before: Definition, now: Definition, variables: Collection[str]) -> Iterator[Difference]:
    """What differs between two operations of one kind; `variables` are those that come from ENV."""
    if before.get("op") != now.get("op"):
        yield _line("the instruction", str(before.get("op")).upper(), str(now.get("op")).upper())
    if before.get("args") != now.get("args"):
        yield _command(_strings(before.get("args")), _strings(now.get("args")))
    if before.get("sources") != now.get("sources"):
        yield _line("the sources", _sources(before.get("sources")), _sources(now.get("sources")))
    if before.get("inline") != now.get("inline"):
        yield _inline(before.get("inline"), now.get("inline"))
    if before.get("environment") != now.get("environment"):
        yield from _environment(_strings(before.get("environment")), _strings(now.get("environment")), variables)
    told = {"op", "args", "sources", "inline", "environment"}
    for key in sorted({*before, *now} - told, key=lambda key: [*_WORDS, key].index(key)):
        if before.get(key) != now.get(key):
            yield _line(_WORDS.get(key, f"`{key}`"), _value(before.get(key)), _value(now.get(key)))


def file_lines(before: bytes | None, after: bytes | None) -> tuple[str, ...]:
    """Which files differ between two packed lists: a summary, then the files; empty where a list is missing."""
    if before is None or after is None:
        return ()
    changes = compare(before, after)
    groups = (
        ("added", changes.added),
        ("removed", changes.removed),
        ("changed", changes.changed),
        ("mode or owner of", changes.attributes),
    )
    lines = [f"{word} {path}" for word, paths in groups for path in paths]
    if not lines:
        return ("their names or their order",)
    if len(lines) <= _LONGEST_LIST:
        return (", ".join(lines),)
    summary = ", ".join(f"{len(paths)} {_counted(word)}" for word, paths in groups if paths)
    rest = len(lines) - _MOST_FILES
    return (summary, *lines[:_MOST_FILES], *([f"and {rest} more"] if rest > 0 else []))


def _counted(word: str) -> str:
    return "with another mode or owner" if word.startswith("mode") else word


def _command(before: tuple[str, ...], now: tuple[str, ...]) -> Difference:
    if before[:-1] == now[:-1] and before and now:
        old, new = before[-1].split("\n"), now[-1].split("\n")
        if max(len(old), len(new)) == 1:
            return _line("the command", before[-1], now[-1])
        number = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
        line = _line("", *(lines[number] if number < len(lines) else "" for lines in (old, new)))
        return f"the command changed in its line {number + 1}", line[1] or (line[0].removeprefix(": "),)
    if before[-1:] == now[-1:]:
        return _line("the shell", " ".join(before[:-1]), " ".join(now[:-1]))
    return _line("the command", " ".join(before), " ".join(now))


def _environment(before: tuple[str, ...], now: tuple[str, ...], variables: Collection[str]) -> Iterator[Difference]:
    old, new = (dict(variable.partition("=")[::2] for variable in variables) for variables in (before, now))
    for name in [*new, *(name for name in old if name not in new)]:
        word = f"ENV {name}" if name in variables else f"ARG {name}"
        if name not in old:
            yield f"{word} is new: {_quoted(new[name])}", ()
        elif name not in new:
            # Whether it was an ARG is not known any more.
            yield f"the variable {name} is gone, which was {_quoted(old[name])}", ()
        elif old[name] != new[name]:
            yield _line(word, old[name], new[name])
    if old == new:
        yield "the order of the variables changed", ()


def _inline(before: object, now: object) -> Difference:
    old, new = (dict(files) if isinstance(files, list) else {} for files in (before, now))
    changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return f"the content of the heredoc {', '.join(changed)} changed" if changed else "the heredocs changed", ()


def _line(what: str, before: str, now: str) -> Difference:
    """Both values on one line where there is room, else below each other."""
    if len(before) + len(now) <= _LONGEST:
        return f"{what}: was {_quoted(before)}, is now {_quoted(now)}", ()
    return f"{what} changed", (f"was {_quoted(before)}", f"is  {_quoted(now)}")


def _quoted(text: str) -> str:
    return f"`{text if len(text) <= 2 * _LONGEST else text[: 2 * _LONGEST] + '…'}`" if text else "empty"


def _strings(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else ()


def _sources(value: object) -> str:
    return " ".join(str(source[0]) for source in value) if isinstance(value, list) else ""


def _value(value: object) -> str:
    if value is None or value is False:
        return "" if value is None else "off"
    if value is True:
        return "on"
    if isinstance(value, list):
        return " ".join(map(_value, value))
    if isinstance(value, dict):
        return ",".join(f"{key}={_value(part)}" for key, part in value.items() if part not in (None, ""))
    return str(value)
