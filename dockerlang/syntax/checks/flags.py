"""Mistakes in flags: their names, how often they are given, and whether they have a value."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic, Label
from dockerlang.records import replace
from dockerlang.syntax import nodes
from dockerlang.syntax.checks.report import error
from dockerlang.syntax.flags import FLAGS, FlagKind
from dockerlang.text import Span, nearest

# What people know from other commands, or from longer or shorter words.
_MEANT = {
    ("RUN", "net"): "use --network",
    ("RUN", "privileged"): "use --security=insecure",
    ("RUN", "volume"): "use --mount=type=bind or --mount=type=cache",
    ("RUN", "secret"): "use --mount=type=secret,id=NAME",
    ("RUN", "ssh"): "use --mount=type=ssh",
    ("RUN", "cache"): "use --mount=type=cache,target=/path",
    ("RUN", "env"): "write an ENV or ARG before it",
    ("COPY", "owner"): "use --chown",
    ("COPY", "user"): "use --chown",
    ("COPY", "mode"): "use --chmod",
    ("COPY", "recursive"): "directories are copied with all below them",
    ("FROM", "arch"): "use --platform=linux/ARCH",
    ("HEALTHCHECK", "retry"): "use --retries",
}


def flag_problems(instruction: nodes.Instruction) -> Iterator[Diagnostic]:
    """What is wrong with the flags of an instruction, the meaning of their values aside."""
    keyword = instruction.keyword.text.upper()
    match instruction:
        case nodes.Invalid() | nodes.Arg() | nodes.StopSignal():
            return
        case nodes.Healthcheck(kind=nodes.Name() as kind) if kind.text.upper() == "NONE":
            return
    known = FLAGS.get(keyword, {})
    seen: dict[str, nodes.Flag] = {}
    for flag in instruction.flags:
        kind_of_flag = known.get(flag.name)
        if kind_of_flag is None:
            yield _unknown_flag(keyword, flag)
            continue
        first = seen.setdefault(flag.name, flag)
        if first is not flag and kind_of_flag is not FlagKind.LIST:
            found = error("repeated-flag", flag.span, f"the flag --{flag.name} is given twice", "remove one of them")
            yield replace(found, labels=(Label(first.span, "first here"),))
        yield from _value_problems(instruction, flag, kind_of_flag)


def separated_value(instruction: nodes.Instruction, flag: nodes.Flag) -> str:
    """The word after a flag that stands without a value, or with an empty one: most likely its value."""
    match = re.search(rf"(?<!\S)--{re.escape(flag.name)}(?:=|[ \t]+=)?[ \t]+([^\s=-]\S*)", instruction.text)
    return match[1] if match is not None else ""


def _unknown_flag(keyword: str, flag: nodes.Flag) -> Diagnostic:
    span = Span(flag.span.start, flag.name_span.end) if flag.name_span.end > flag.span.start else flag.span
    known = FLAGS.get(keyword, {})
    if not known:
        message = f"{keyword} has no flags"
        help_text = f"if `--{flag.name}` is an argument, write `{keyword} -- --{flag.name}`" if flag.name else ""
        return error("unknown-flag", span, message, help_text)
    message = f"{keyword} has no flag --{flag.name}"
    others = [other for other, flags in FLAGS.items() if flag.name in flags]
    near = nearest(flag.name.lower().replace("_", "-"), known)
    meant = _MEANT.get(("COPY" if keyword == "ADD" else keyword, flag.name.lower()))
    if meant is not None:
        return error("unknown-flag", span, message, meant)
    if others and not near:
        return error("unknown-flag", span, message, f"it is a flag of {' and '.join(others)}")
    flags = ", ".join(f"--{name}" for name in known)
    return error("unknown-flag", span, message, f"did you mean --{near}?" if near else f"there are {flags}")


def _value_problems(instruction: nodes.Instruction, flag: nodes.Flag, kind: FlagKind) -> Iterator[Diagnostic]:
    if kind is not FlagKind.BOOLEAN:
        if flag.value is None:
            value = separated_value(instruction, flag)
            help_text = f"write `--{flag.name}={value}`, without blanks" if value else f"write `--{flag.name}=value`"
            yield error("flag-without-value", flag.span, f"the flag --{flag.name} needs a value", help_text)
    elif flag.value is not None and flag.value.text.lower() not in ("true", "false"):
        message = f"--{flag.name} is a switch: `{flag.value.text}` is neither true nor false"
        span = flag.value.span if flag.value.text else flag.span
        yield error("bad-flag-value", span, message, f"write `--{flag.name}`, or `--{flag.name}=false`")
