"""Mistakes in flags: their names, how often they are given, and their values."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic
from dockerlang.syntax import nodes
from dockerlang.syntax.checks.report import error
from dockerlang.syntax.durations import InvalidDuration, parse_duration
from dockerlang.syntax.flags import FLAGS, FlagKind
from dockerlang.text import nearest

_MILLISECOND = 1_000_000


def flag_problems(instruction: nodes.Instruction) -> Iterator[Diagnostic]:
    keyword = instruction.keyword.text.upper()
    match instruction:
        case nodes.Invalid() | nodes.Arg() | nodes.StopSignal():
            return
        case nodes.Healthcheck(kind=nodes.Name() as kind) if kind.text.upper() == "NONE":
            return
    known = FLAGS.get(keyword, {})
    seen: set[str] = set()
    for flag in instruction.flags:
        kind_of_flag = known.get(flag.name)
        if kind_of_flag is None:
            near = nearest(flag.name.lower(), known)
            help_text = f"did you mean --{near}?" if near else ""
            yield error("unknown-flag", flag.span, f"{keyword} has no flag --{flag.name}", help_text)
            continue
        if flag.name in seen and kind_of_flag is not FlagKind.LIST:
            yield error("repeated-flag", flag.span, f"the flag --{flag.name} is given twice")
        seen.add(flag.name)
        yield from _flag_value_problems(flag, kind_of_flag)


def _flag_value_problems(flag: nodes.Flag, kind: FlagKind) -> Iterator[Diagnostic]:
    if kind is not FlagKind.BOOLEAN:
        if flag.value is None:
            yield error("flag-without-value", flag.span, f"the flag --{flag.name} needs a value")
    elif flag.value is not None and flag.value.text.lower() not in ("true", "false"):
        message = f"--{flag.name} is a switch: `{flag.value.text}` is neither true nor false"
        yield error("bad-flag-value", flag.span, message, f"write --{flag.name}")


def run_flag_problems(instruction: nodes.Run) -> Iterator[Diagnostic]:
    for flag in instruction.flags:
        value = flag.value
        if value is None:
            continue
        if isinstance(flag, nodes.MountFlag):
            yield from _mount_problems(flag, value)
        elif flag.name == "network" and value.text not in ("default", "none", "host"):
            message = f"`{value.text}` is no network mode"
            yield error("bad-flag-value", value.span, message, "it is one of default, none, host")
        elif flag.name == "security" and value.text not in ("sandbox", "insecure"):
            message = f"`{value.text}` is no security mode"
            yield error("bad-flag-value", value.span, message, "it is one of sandbox, insecure")
        elif flag.name == "device":
            yield from _device_problems(value)


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
            yield error("bad-flag-value", value.span, f"`{value.text}` is no number")
        case nodes.NumberFlag(number=int() as number):
            if not -(2**31) <= number < 2**31:
                yield error("bad-flag-value", value.span, f"{value.text} is too large")
            elif number < 0:
                yield error("bad-flag-value", value.span, f"--{flag.name} cannot be negative")
        case nodes.DurationFlag(nanoseconds=None):
            help_text = "write a number with its unit: `30s`, `1m30s`"
            yield error("bad-flag-value", value.span, _duration_mistake(value.text), help_text)
        case nodes.DurationFlag(nanoseconds=int() as nanoseconds):
            if nanoseconds < 0 or 0 < nanoseconds < _MILLISECOND:
                yield error("bad-flag-value", value.span, f"--{flag.name} cannot be less than 1ms")


def _duration_mistake(text: str) -> str:
    try:
        parse_duration(text)
    except InvalidDuration as error:
        return str(error)
    raise AssertionError(text)
