"""Mistakes in the values of flags: mounts, devices, modes, durations and numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockerlang.diagnostics import Diagnostic
from dockerlang.syntax import nodes
from dockerlang.syntax.checks.report import error
from dockerlang.syntax.durations import InvalidDuration, parse_duration
from dockerlang.text import nearest

_NETWORKS = ("default", "none", "host")
_SECURITY_MODES = ("sandbox", "insecure")
_MILLISECOND = 1_000_000


def run_flag_problems(instruction: nodes.Run) -> Iterator[Diagnostic]:
    for flag in instruction.flags:
        value = flag.value
        if value is None:
            continue
        if isinstance(flag, nodes.MountFlag):
            yield from _mount_problems(flag, value)
        elif flag.name == "network" and value.text not in _NETWORKS:
            message = f"`{value.text}` is no network mode"
            yield error("bad-flag-value", value.span, message, _one_of(value.text, _NETWORKS))
        elif flag.name == "security" and value.text not in _SECURITY_MODES:
            message = f"`{value.text}` is no security mode"
            yield error("bad-flag-value", value.span, message, _one_of(value.text, _SECURITY_MODES))
        elif flag.name == "device":
            yield from _device_problems(value)


def _one_of(text: str, modes: Sequence[str]) -> str:
    near = nearest(text.lower(), modes)
    suggestion = f"did you mean {near}? " if near else ""
    return f"{suggestion}it is one of {', '.join(modes)}"


def _mount_problems(flag: nodes.MountFlag, value: nodes.Word) -> Iterator[Diagnostic]:
    if not flag.options:
        message = "the mount is empty" if not value.text else "the quotes of the mount do not match"
        yield error("bad-mount", flag.span, message, "write --mount=type=cache,target=/path")
    source = flag.option("from")
    if source is not None and source.value is not None and "$" in source.value.text:
        yield error(
            "variable-in-from",
            source.value.span,
            "`from` of a mount does not expand variables",
            "name a stage (`FROM image:$VERSION AS name`) and mount from that",
        )


def _device_problems(value: nodes.Word) -> Iterator[Diagnostic]:
    """`--device=NAME[,required]` or `--device=name=NAME,required=BOOL` (a CDI name)."""
    name = ""
    fields = value.text.split(",")
    if not value.text:
        yield error("bad-device", value.span, "the device has no name")
    for index, field in enumerate(fields):
        key, has_value, text = field.partition("=")
        if index == 0 and (not has_value or "/" in key):
            name = field
        elif has_value and key.lower() == "name":
            if name:
                yield error("bad-device", value.span, f"the device is already named `{name}`")
            name = text
        elif has_value and key.lower() == "required":
            if text.lower() not in ("1", "t", "true", "0", "f", "false"):
                yield error("bad-device", value.span, f"`{text}` is neither true nor false")
        elif not has_value and key.lower() != "required":
            yield error("bad-device", value.span, f"`{field}` is no key=value pair")
        elif has_value:
            yield error("bad-device", value.span, f"a device has no option `{key}`")


def healthcheck_flag_problems(flag: nodes.Flag, value: nodes.Word) -> Iterator[Diagnostic]:
    match flag:
        case nodes.NumberFlag(number=None):
            yield error("bad-flag-value", value.span, f"`{value.text}` is no number", "write it in digits: `3`")
        case nodes.NumberFlag(number=int() as number):
            if not -(2**31) <= number < 2**31:
                yield error("bad-flag-value", value.span, f"{value.text} is too large")
            elif number < 0:
                yield error("bad-flag-value", value.span, f"--{flag.name} cannot be negative", "0 is the default")
        case nodes.DurationFlag(nanoseconds=None):
            help_text = "write a number with its unit: `30s`, `1m30s`"
            yield error("bad-flag-value", value.span, _duration_mistake(value.text), help_text)
        case nodes.DurationFlag(nanoseconds=int() as nanoseconds):
            if nanoseconds < 0 or 0 < nanoseconds < _MILLISECOND:
                yield error("bad-flag-value", value.span, f"--{flag.name} cannot be less than 1ms", "0s is the default")


def _duration_mistake(text: str) -> str:
    try:
        parse_duration(text)
    except InvalidDuration as error:
        return str(error)
    raise AssertionError(text)
