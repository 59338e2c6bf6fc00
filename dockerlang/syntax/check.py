"""What is wrong with a Dockerfile as text: BuildKit's parse and instruction phases, as diagnostics.

`problems` lists everything; the reference stops at the first. Codes in `PARSE_PHASE` are those for which the reference
yields no tree at all. Meaning (unknown stages, expansion, values that only a build can judge) is not looked at here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic, Severity
from dockerlang.syntax import nodes
from dockerlang.syntax.durations import InvalidDuration, parse_duration
from dockerlang.syntax.flags import FLAGS, FlagKind
from dockerlang.syntax.scanner import BLANKS
from dockerlang.text import Span, nearest

PARSE_PHASE = frozenset(
    {
        "no-instructions", "line-too-long", "repeated-directive", "bad-escape", "array-of-strings",
        "pair-without-value", "pair-without-equals", "open-heredoc",
    }
)  # fmt: skip

MAX_LINE_BYTES = 65_535
STAGE_NAME = re.compile(r"[a-z][a-z0-9\-_.]*")
_MILLISECOND = 1_000_000
_NO_TRIGGER = frozenset({"ONBUILD", "FROM", "MAINTAINER"})


def problems(document: nodes.Document) -> tuple[Diagnostic, ...]:
    """All mistakes of syntax, in the order of their places."""
    found = [*_file_problems(document)]
    has_stage = False
    for instruction in document.instructions:
        found.extend(_instruction_problems(instruction))
        has_stage = has_stage or isinstance(instruction, nodes.From)
        if not has_stage and not isinstance(instruction, (nodes.Arg, nodes.Invalid)):
            found.append(
                _error(
                    "before-first-stage",
                    instruction.keyword.span,
                    f"{instruction.keyword.text} stands before the first FROM",
                    "start the file with FROM; only ARG may come before it",
                )
            )
    return tuple(sorted(found, key=lambda problem: problem.span.start))


def _error(code: str, span: Span, message: str, help: str = "") -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, span, message, help=help)


# ---------------------------------------------------------------- the file


def _file_problems(document: nodes.Document) -> Iterator[Diagnostic]:
    text = document.source.text
    if not document.instructions:
        # The reference points at the last line that it read.
        last = document.source.lines.line_of(max(len(text) - 1, 0))
        span = document.source.lines.span_of(last)
        yield _error("no-instructions", span, "the file has no instructions", "a Dockerfile begins with FROM")
    if len(text) > MAX_LINE_BYTES // 4:
        yield from _long_lines(document)
    seen: set[str] = set()
    for directive in document.directives:
        if directive.name in seen:
            yield _error("repeated-directive", directive.name_span, f"the directive `{directive.name}` is given twice")
        elif directive.name == "escape" and directive.value.text not in ("\\", "`"):
            yield _error(
                "bad-escape",
                directive.value.span,
                f"`{directive.value.text}` is no escape character",
                "it is either ` or \\, with nothing after it on the line",
            )
        seen.add(directive.name)


def _long_lines(document: nodes.Document) -> Iterator[Diagnostic]:
    lines = document.source.lines
    for number in range(lines.line_count):
        span = lines.span_of(number)
        if len(span) * 4 <= MAX_LINE_BYTES:
            continue
        length = len(lines.line_text(number).encode("utf-8", "surrogateescape"))
        if length > MAX_LINE_BYTES:
            yield _error(
                "line-too-long",
                span,
                f"the line has {length} bytes; at most {MAX_LINE_BYTES} are allowed",
                "break it with a continuation",
            )


# ---------------------------------------------------------------- one instruction


def _instruction_problems(instruction: nodes.Instruction) -> Iterator[Diagnostic]:
    yield from _tokeniser_problems(instruction)
    yield from _flag_problems(instruction)
    match instruction:
        case nodes.Invalid():
            yield _unknown_instruction(instruction)
        case nodes.From():
            yield from _from_problems(instruction)
        case nodes.Arg():
            yield from _arg_problems(instruction)
        case nodes.Env() | nodes.Label():
            yield from _blank_names(instruction)
        case nodes.Transfer():
            yield from _transfer_problems(instruction)
        case nodes.Run():
            yield from _run_problems(instruction)
        case nodes.Shell():
            yield from _shell_problems(instruction)
        case nodes.Healthcheck():
            yield from _healthcheck_problems(instruction)
        case nodes.OnBuild():
            yield from _onbuild_problems(instruction)
        case nodes.Expose(ports=()) | nodes.Volume(paths=()):
            yield _too_few(instruction, "at least one argument")
        case nodes.Volume(paths=paths):
            for path in paths:
                if not path.text.strip():
                    yield _error("empty-volume", path.span, "the path of a VOLUME is empty")
        case (
            nodes.User(user=None)
            | nodes.Workdir(path=None)
            | nodes.StopSignal(signal=None)
            | nodes.Maintainer(name=None)
        ):
            yield _too_few(instruction, "exactly one argument")


def _too_few(instruction: nodes.Instruction, count: str) -> Diagnostic:
    keyword = instruction.keyword
    return _error("missing-argument", keyword.span, f"{keyword.text.upper()} requires {count}")


def _unknown_instruction(instruction: nodes.Invalid) -> Diagnostic:
    word = instruction.keyword.text
    suggestion = nearest(word.upper(), nodes.INSTRUCTIONS, cutoff=0.5)
    if word.islower():
        suggestion = suggestion.lower()
    help_text = f"did you mean {suggestion}?" if suggestion else ""
    return _error("unknown-instruction", instruction.keyword.span, f"`{word}` is no instruction", help_text)


def _tokeniser_problems(instruction: nodes.Instruction) -> Iterator[Diagnostic]:
    """Mistakes that the reference finds while it splits the line, below ONBUILD too."""
    match instruction:
        case nodes.Env() | nodes.Label():
            yield from _pair_problems(instruction)
        case nodes.Run() | nodes.Cmd() | nodes.Entrypoint() | nodes.Shell() | nodes.Healthcheck():
            command = instruction.command
            is_checked = not isinstance(instruction, nodes.Healthcheck) or instruction.kind is not None
            if is_checked and isinstance(command, nodes.ShellForm) and not instruction.heredocs:
                yield from _array_problems(command.text, command.span)
        case nodes.Transfer() if not instruction.is_json and instruction.sources:
            yield from _argument_array_problems(instruction, instruction.sources[0])
        case nodes.Volume() if not instruction.is_json and instruction.paths:
            yield from _argument_array_problems(instruction, instruction.paths[0])
        case nodes.OnBuild(trigger=nodes.Instruction() as trigger):
            yield from _tokeniser_problems(trigger)
            return
    for heredoc in instruction.heredocs:
        if not heredoc.is_terminated:
            help_text = f"add a line that is exactly `{heredoc.delimiter}`"
            if "))" in heredoc.delimiter:
                help_text = "if `<<` was meant as arithmetic, put no blank before it: `$((1<<2))`"
            yield _error("open-heredoc", heredoc.span, f"the heredoc `{heredoc.delimiter}` does not end", help_text)


def _pair_problems(instruction: nodes.Env | nodes.Label) -> Iterator[Diagnostic]:
    keyword = instruction.keyword.text.upper()
    if not instruction.pairs:
        yield _too_few(instruction, "at least one argument")
    for pair in instruction.pairs:
        if pair.value is not None:
            continue
        if instruction.is_legacy:
            message = f"{keyword} `{pair.name.text}` has no value"
            yield _error("pair-without-value", pair.span, message, f"write `{pair.name.text}=value`")
        else:
            message = f"`{pair.name.text}` has no `=`"
            help_text = 'quote a value that holds blanks: `name="a value"`'
            yield _error("pair-without-equals", pair.span, message, help_text)


def _argument_array_problems(
    instruction: nodes.Transfer | nodes.Volume, first: nodes.Word | nodes.Heredoc
) -> Iterator[Diagnostic]:
    if isinstance(first, nodes.Word) and first.text.startswith("["):
        # Arguments are separate words by now; the array, if it is one, is the rest of the line from the first of them.
        at = instruction.text.find(first.text)
        yield from _array_problems(instruction.text[at:], Span(first.span.start, instruction.statement.end))


def _array_problems(text: str, span: Span) -> Iterator[Diagnostic]:
    """A valid JSON array that does not hold strings only is an error; what is no JSON at all is shell form."""
    if not text.startswith("["):
        return
    try:
        value = json.loads(text.rstrip(BLANKS), parse_constant=_reject)
    except (ValueError, RecursionError):
        return
    if isinstance(value, list) and not all(isinstance(element, str) for element in value):
        yield _error("array-of-strings", span, "the JSON array may hold strings only", "put every element in quotes")


def _reject(constant: str) -> None:
    """Python reads `NaN` and `Infinity`, which are no JSON."""
    raise ValueError(constant)


def _flag_problems(instruction: nodes.Instruction) -> Iterator[Diagnostic]:
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
            yield _error("unknown-flag", flag.span, f"{keyword} has no flag --{flag.name}", help_text)
            continue
        if flag.name in seen and kind_of_flag is not FlagKind.LIST:
            yield _error("repeated-flag", flag.span, f"the flag --{flag.name} is given twice")
        seen.add(flag.name)
        yield from _flag_value_problems(flag, kind_of_flag)


def _flag_value_problems(flag: nodes.Flag, kind: FlagKind) -> Iterator[Diagnostic]:
    if kind is not FlagKind.BOOLEAN:
        if flag.value is None:
            yield _error("flag-without-value", flag.span, f"the flag --{flag.name} needs a value")
    elif flag.value is not None and flag.value.text.lower() not in ("true", "false"):
        message = f"--{flag.name} is a switch: `{flag.value.text}` is neither true nor false"
        yield _error("bad-flag-value", flag.span, message, f"write --{flag.name}")


def _from_problems(instruction: nodes.From) -> Iterator[Diagnostic]:
    if instruction.image is None:
        yield _too_few(instruction, "an image")
    elif instruction.extra:
        span = Span(instruction.extra[0].span.start, instruction.extra[-1].span.end)
        help_text = "FROM takes an image, and `AS name`"
        if instruction.extra[0].text.startswith("#"):
            help_text = "a comment must stand on a line of its own"
        yield _error("extra-argument", span, "these words do not belong to FROM", help_text)
    elif instruction.as_keyword is not None and instruction.stage is None:
        yield _error("missing-argument", instruction.as_keyword.span, "the name of the stage is missing after AS")
    elif instruction.stage is not None and not STAGE_NAME.fullmatch(instruction.stage.text.lower()):
        yield _error(
            "bad-stage-name",
            instruction.stage.span,
            f"`{instruction.stage.text}` cannot be the name of a stage",
            "a name begins with a letter and goes on with letters, digits, `-`, `_` and `.`",
        )


def _arg_problems(instruction: nodes.Arg) -> Iterator[Diagnostic]:
    if not instruction.declarations:
        yield _too_few(instruction, "at least one argument")
    for declaration in instruction.declarations:
        if not declaration.name.text:
            yield _error("blank-name", declaration.span, "the name of an ARG is blank", "write no blanks around `=`")


def _blank_names(instruction: nodes.Env | nodes.Label) -> Iterator[Diagnostic]:
    for pair in instruction.pairs:
        if not pair.name.text and pair.value is not None:
            keyword = instruction.keyword.text.upper()
            yield _error("blank-name", pair.span, f"the name of an {keyword} is blank")


def _transfer_problems(instruction: nodes.Transfer) -> Iterator[Diagnostic]:
    keyword = instruction.keyword.text.upper()
    if instruction.destination is None:
        span = instruction.sources[0].span if instruction.sources else instruction.keyword.span
        yield _error("missing-argument", span, f"{keyword} requires a source and a destination")
    elif isinstance(instruction.destination, nodes.Heredoc):
        yield _error("heredoc-destination", instruction.destination.span, f"{keyword} cannot copy into a heredoc")
    for heredoc in instruction.heredocs:
        is_argument = any(argument is heredoc for argument in (*instruction.sources, instruction.destination))
        if not is_argument and not instruction.is_json:
            yield _error(
                "split-heredoc",
                heredoc.span,
                "blanks inside a heredoc mark break it: its parts are taken for paths",
                f"write `<<{heredoc.delimiter}`",
            )


def _run_problems(instruction: nodes.Run) -> Iterator[Diagnostic]:
    for flag in instruction.flags:
        value = flag.value
        if value is None:
            continue
        if isinstance(flag, nodes.MountFlag):
            yield from _mount_problems(flag, value)
        elif flag.name == "network" and value.text not in ("default", "none", "host"):
            message = f"`{value.text}` is no network mode"
            yield _error("bad-flag-value", value.span, message, "it is one of default, none, host")
        elif flag.name == "security" and value.text not in ("sandbox", "insecure"):
            message = f"`{value.text}` is no security mode"
            yield _error("bad-flag-value", value.span, message, "it is one of sandbox, insecure")
        elif flag.name == "device":
            yield from _device_problems(value)


def _mount_problems(flag: nodes.MountFlag, value: nodes.Word) -> Iterator[Diagnostic]:
    if not flag.options:
        message = "the mount is empty" if not value.text else "the quotes of the mount do not match"
        yield _error("bad-mount", flag.span, message, "write --mount=type=cache,target=/path")
    source = flag.option("from")
    if source is not None and source.value is not None and "$" in source.value.text:
        yield _error(
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
        yield _error("bad-device", value.span, "the device has no name")
    for index, field in enumerate(fields):
        key, has_value, text = field.partition("=")
        if index == 0 and (not has_value or "/" in key):
            name = field
        elif has_value and key.lower() == "name":
            if name:
                yield _error("bad-device", value.span, f"the device is already named `{name}`")
            name = text
        elif has_value and key.lower() == "required":
            if text.lower() not in ("1", "t", "true", "0", "f", "false"):
                yield _error("bad-device", value.span, f"`{text}` is neither true nor false")
        elif not has_value and key.lower() != "required":
            yield _error("bad-device", value.span, f"`{field}` is no key=value pair")
        elif has_value:
            yield _error("bad-device", value.span, f"a device has no option `{key}`")


def _shell_problems(instruction: nodes.Shell) -> Iterator[Diagnostic]:
    match instruction.command:
        case None | nodes.ExecForm(elements=()):
            yield _too_few(instruction, "at least one argument")
        case nodes.ShellForm() as command:
            help_text = 'write `SHELL ["executable", "argument"]`, with double quotes'
            yield _error("shell-needs-array", command.span, "SHELL takes a JSON array only", help_text)


def _healthcheck_problems(instruction: nodes.Healthcheck) -> Iterator[Diagnostic]:
    if instruction.kind is None:
        yield _too_few(instruction, "at least one argument")
        return
    kind = instruction.kind.text.upper()
    if kind == "NONE":
        if instruction.command is not None:
            yield _error("extra-argument", instruction.command.span, "HEALTHCHECK NONE takes no arguments")
        return
    if kind != "CMD":
        message = f"`{instruction.kind.text}` is no kind of HEALTHCHECK"
        yield _error("bad-healthcheck", instruction.kind.span, message, "write HEALTHCHECK CMD command, or NONE")
        return
    if instruction.command is None or instruction.command == nodes.ExecForm(instruction.command.span, ()):
        yield _error("missing-argument", instruction.kind.span, "the command is missing after HEALTHCHECK CMD")
    for flag in instruction.flags:
        if flag.value is not None:
            yield from _healthcheck_flag_problems(flag, flag.value)


def _healthcheck_flag_problems(flag: nodes.Flag, value: nodes.Word) -> Iterator[Diagnostic]:
    match flag:
        case nodes.NumberFlag(number=None):
            yield _error("bad-flag-value", value.span, f"`{value.text}` is no number")
        case nodes.NumberFlag(number=int() as number):
            if not -(2**31) <= number < 2**31:
                yield _error("bad-flag-value", value.span, f"{value.text} is too large")
            elif number < 0:
                yield _error("bad-flag-value", value.span, f"--{flag.name} cannot be negative")
        case nodes.DurationFlag(nanoseconds=None):
            help_text = "write a number with its unit: `30s`, `1m30s`"
            yield _error("bad-flag-value", value.span, _duration_mistake(value.text), help_text)
        case nodes.DurationFlag(nanoseconds=int() as nanoseconds):
            if nanoseconds < 0 or 0 < nanoseconds < _MILLISECOND:
                yield _error("bad-flag-value", value.span, f"--{flag.name} cannot be less than 1ms")


def _duration_mistake(text: str) -> str:
    try:
        parse_duration(text)
    except InvalidDuration as error:
        return str(error)
    raise AssertionError(text)


def _onbuild_problems(instruction: nodes.OnBuild) -> Iterator[Diagnostic]:
    if instruction.trigger is None:
        yield _too_few(instruction, "at least one argument")
        return
    keyword = instruction.trigger.keyword
    if keyword.text.upper() in _NO_TRIGGER:
        yield _error("bad-trigger", keyword.span, f"{keyword.text.upper()} is not allowed after ONBUILD")
