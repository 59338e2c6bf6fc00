"""Go's `printf` for the values that templates have."""

from __future__ import annotations

import re

from dockerlang.cli.output.templates.values import Value, as_printed, kind_of
from dockerlang.syntax.go_literals import quote

_VERB = re.compile(r"%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d*))?([\s\S]?)")
_MAXIMUM_WIDTH = 1_000_000


def go_format(format: str, *arguments: Value) -> str:
    """The format with its verbs filled in; what does not fit is said in the text, as in Go: `%!d(string=x)`."""
    rest = list(arguments)

    def replace(match: re.Match[str]) -> str:
        flags, width_text, precision_text, verb = match.groups()
        if verb == "%":
            return "%"
        if not verb:
            return "%!(NOVERB)"
        width, badly = _number(width_text, rest)
        precision, badly_too = _number(precision_text if precision_text != "" else "0", rest)
        prefix = ("%!(BADWIDTH)" if badly else "") + ("%!(BADPREC)" if badly_too else "")
        if width is not None and width < 0:
            flags, width = flags + "-", -width
        if not rest:
            return f"{prefix}%!{verb}(MISSING)"
        return prefix + _padded(_verb(verb, flags, precision, rest.pop(0)), flags, width, verb)

    text = _VERB.sub(replace, format)
    if rest:
        extra = ", ".join(f"{kind_of(value)}={as_printed(value)}" for value in rest)
        text += f"%!(EXTRA {extra})"
    return text


def _number(text: str | None, rest: list[Value]) -> tuple[int | None, bool]:
    """A width or precision, which may be an argument of its own; and whether that was none."""
    if text is None:
        return None, False
    if text != "*":
        number = int(text)
    else:
        value = rest.pop(0) if rest else None
        if not isinstance(value, int) or isinstance(value, bool):
            return None, True
        number = value
    return (number, False) if abs(number) <= _MAXIMUM_WIDTH else (None, True)


def _verb(verb: str, flags: str, precision: int | None, value: Value) -> str:
    """One value in one way, without its width."""
    if isinstance(value, list | tuple) and verb in "sdqxXobcefgEFGtU":
        return "[" + " ".join(_verb(verb, flags, precision, item) for item in value) + "]"
    sign = "+" if "+" in flags else " " if " " in flags else ""
    match verb, value:
        case "v", int() | float() if not isinstance(value, bool):
            return (sign if value >= 0 else "") + as_printed(value)
        case "v", _:
            return as_printed(value)
        case "T", _:
            return kind_of(value)
        case "t", bool():
            return as_printed(value)
        case "s", str():
            return value if precision is None else value[:precision]
        case "q", str():
            return quote(value if precision is None else value[:precision])
        case (("x" | "X"), str()):
            digits = value.encode("utf-8", "surrogateescape").hex(" " if " " in flags else "")
            return digits if verb == "x" else digits.upper()
        case (("d" | "x" | "X" | "o" | "b" | "c" | "q" | "U"), int()) if not isinstance(value, bool):
            return _integer(verb, flags, sign, value)
        case (("e" | "E" | "f" | "F" | "g" | "G"), float()):
            if verb in "gG" and precision is None:
                return (sign if value >= 0 else "") + as_printed(value)
            return format(value, f"{sign}.{6 if precision is None else precision}{verb}")
    return f"%!{verb}({kind_of(value)}={as_printed(value)})"


def _integer(verb: str, flags: str, sign: str, value: int) -> str:
    if verb == "c":
        return chr(value) if 0 <= value <= 0x10FFFF else "\ufffd"
    if verb == "q":
        return f"'{chr(value)}'" if 0 <= value <= 0x10FFFF else "'\ufffd'"
    if verb == "U":
        return f"U+{value:04X}"
    prefix = {"x": "0x", "X": "0X", "o": "0", "b": "0b"}.get(verb, "") if "#" in flags else ""
    return ("-" if value < 0 else sign) + prefix + format(abs(value), verb)


def _padded(text: str, flags: str, width: int | None, verb: str) -> str:
    if width is None or len(text) >= width:
        return text
    if "-" in flags:
        return text.ljust(width)
    if "0" in flags and verb not in "sqvT":
        signs = len(text) - len(text.lstrip("+-"))
        return text[:signs] + text[signs:].rjust(width - signs, "0")
    return text.rjust(width)
