"""What is wrong with one instruction: unknown keywords, missing and extra arguments, names that cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic
from dockerlang.syntax import nodes
from dockerlang.syntax.checks.arrays import flaw_of
from dockerlang.syntax.checks.flag_values import healthcheck_flag_problems, run_flag_problems
from dockerlang.syntax.checks.flags import flag_problems, separated_value
from dockerlang.syntax.checks.report import error, too_few
from dockerlang.syntax.checks.splitting import splitting_problems
from dockerlang.syntax.flags import FLAGS
from dockerlang.text import Source, Span, nearest

_STAGE_NAME = re.compile(r"[a-z][a-z0-9\-_.]*")
_NO_TRIGGER = frozenset({"ONBUILD", "FROM", "MAINTAINER"})


def instruction_problems(instruction: nodes.Instruction, source: Source) -> Iterator[Diagnostic]:
    yield from splitting_problems(instruction, source)
    yield from flag_problems(instruction)
    match instruction:
        case nodes.From():
            yield from _from_problems(instruction)
        case nodes.Arg():
            yield from _arg_problems(instruction)
        case nodes.Env() | nodes.Label():
            yield from _blank_names(instruction)
        case nodes.Transfer():
            yield from _transfer_problems(instruction)
        case nodes.Run():
            yield from run_flag_problems(instruction)
        case nodes.Shell():
            yield from _shell_problems(instruction)
        case nodes.Healthcheck():
            yield from _healthcheck_problems(instruction)
        case nodes.OnBuild():
            yield from _onbuild_problems(instruction)
        case nodes.Expose(ports=()) | nodes.Volume(paths=()):
            yield too_few(instruction, "at least one argument")
        case nodes.Volume(paths=paths):
            for path in paths:
                if not path.text.strip():
                    yield error("empty-volume", path.span, "the path of a VOLUME is empty")
        case (
            nodes.User(user=None)
            | nodes.Workdir(path=None)
            | nodes.StopSignal(signal=None)
            | nodes.Maintainer(name=None)
        ):
            yield too_few(instruction, "exactly one argument")


def _from_problems(instruction: nodes.From) -> Iterator[Diagnostic]:
    if instruction.image is None:
        yield too_few(instruction, "an image")
    elif instruction.extra:
        if any(flag.value is None for flag in instruction.flags):
            return  # one of these words is the value that a flag misses, which is said already
        span = Span(instruction.extra[0].span.start, instruction.extra[-1].span.end)
        yield error("extra-argument", span, "these words do not belong to FROM", _why_too_many(instruction))
    elif instruction.as_keyword is not None and instruction.stage is None:
        message = "the name of the stage is missing after AS"
        yield error("missing-argument", instruction.as_keyword.span, message, "write `AS name`, or remove AS")
    elif instruction.stage is not None and not _STAGE_NAME.fullmatch(instruction.stage.text.lower()):
        name = instruction.stage.text
        likely = re.sub(r"[^a-z0-9\-_.]+", "-", name.lower()).strip("-_.")
        likely = likely if likely[:1].isalpha() else f"stage-{likely}".rstrip("-")
        message = f"`{name}` cannot be the name of a stage"
        rule = "it begins with a letter and goes on with letters, digits, `-`, `_` and `.`"
        yield error("bad-stage-name", instruction.stage.span, message, f"{rule}, such as `{likely}`")


def _why_too_many(instruction: nodes.From) -> str:
    image, first = instruction.image, instruction.extra[0]
    assert image is not None
    words = [word.text for word in instruction.extra]
    if first.text.startswith("#"):
        return "a comment must stand on a line of its own"
    if "\r" in instruction.text.rstrip("\r"):
        return "there are carriage returns in the line: save the file with LF as its line ending"
    if first.text.startswith("--"):
        return f"flags stand before the image: `FROM {first.text} {image.text}`"
    name = image.text.lstrip("-\u2013\u2014\u2212").partition("=")[0]
    if image.text[:1] in "-\u2013\u2014\u2212" and name in FLAGS["FROM"]:
        return f"a flag begins with two hyphens: `--{name}=...`"
    if first.text in nodes.INSTRUCTIONS:
        return "each instruction begins on a line of its own"
    if "{{" in image.text or "<%" in image.text:
        return "this is a template: a Dockerfile has to be made of it first"
    if image.text.endswith(","):
        return "a stage has one image: write a FROM for each"
    if instruction.stage is not None:
        name = "-".join([instruction.stage.text, *words]) if len(words) < 4 else "name"
        return f"the name of a stage is one word: `AS {name.lower()}`"
    if len(words) == 1 and _STAGE_NAME.fullmatch(words[0].lower()):
        return f"to name the stage write `FROM {image.text} AS {words[0]}`"
    return "FROM takes an image, and `AS name`"


def _arg_problems(instruction: nodes.Arg) -> Iterator[Diagnostic]:
    if not instruction.declarations:
        yield too_few(instruction, "at least one argument")
    for declaration in instruction.declarations:
        if not declaration.name.text:
            yield error(
                "blank-name",
                declaration.span,
                "the name of an ARG is blank",
                "write `ARG name=value`, without blanks around `=`",
            )


def _blank_names(instruction: nodes.Env | nodes.Label) -> Iterator[Diagnostic]:
    for pair in instruction.pairs:
        if not pair.name.text and pair.value is not None:
            keyword = instruction.keyword.text.upper()
            yield error("blank-name", pair.span, f"the name of an {keyword} is blank", f"write `{keyword} name=value`")


def _transfer_problems(instruction: nodes.Transfer) -> Iterator[Diagnostic]:
    keyword = instruction.keyword.text.upper()
    if instruction.destination is None:
        span = instruction.sources[0].span if instruction.sources else instruction.keyword.span
        yield too_few(instruction, "a source and a destination", span)
    elif isinstance(instruction.destination, nodes.Heredoc):
        message = f"{keyword} cannot copy into a heredoc"
        help_text = f"the heredoc is a source: write `{keyword} <<{instruction.destination.delimiter} /path`"
        yield error("heredoc-destination", instruction.destination.span, message, help_text)
    for heredoc in instruction.heredocs:
        is_argument = any(argument is heredoc for argument in (*instruction.sources, instruction.destination))
        if not is_argument and not instruction.is_json:
            yield error(
                "split-heredoc",
                heredoc.span,
                "blanks inside a heredoc mark break it: its parts are taken for paths",
                f"write `<<{heredoc.delimiter}`",
            )


def _shell_problems(instruction: nodes.Shell) -> Iterator[Diagnostic]:
    match instruction.command:
        case None | nodes.ExecForm(elements=()):
            yield too_few(instruction, "at least one argument")
        case nodes.ShellForm() as command:
            flaw = flaw_of(command.text) if command.text.startswith("[") else None
            if flaw is not None:
                message = f"SHELL takes a JSON array, and this is none: {flaw.reason}"
                yield error("shell-needs-array", command.offsets.span(flaw.start, flaw.end), message, flaw.help)
                return
            words = command.text.split()
            array = ", ".join(f'"{word}"' for word in words)
            is_simple = len(words) < 8 and not set(command.text) & set("\"\\'`,")
            help_text = f"write `SHELL [{array}]`" if is_simple else 'write `SHELL ["executable", "argument"]`'
            yield error("shell-needs-array", command.span, "SHELL takes a JSON array only", help_text)


def _healthcheck_problems(instruction: nodes.Healthcheck) -> Iterator[Diagnostic]:
    for flag in instruction.flags:
        if flag.value is not None:
            yield from healthcheck_flag_problems(flag, flag.value)
    if instruction.kind is None:
        yield too_few(instruction, "at least one argument")
        return
    kind = instruction.kind.text.upper()
    if kind == "NONE":
        if instruction.command is not None:
            help_text = "NONE switches the check of the base image off; for a check write CMD"
            yield error("extra-argument", instruction.command.span, "HEALTHCHECK NONE takes no arguments", help_text)
    elif kind != "CMD":
        if not any(flag.value is None and separated_value(instruction, flag) for flag in instruction.flags):
            message = f"`{instruction.kind.text}` is no kind of HEALTHCHECK"
            yield error("bad-healthcheck", instruction.kind.span, message, _meant_check(instruction))
    elif instruction.command is None or instruction.command == nodes.ExecForm(instruction.command.span, ()):
        message = "the command is missing after HEALTHCHECK CMD"
        yield error("missing-argument", instruction.kind.span, message, "write `HEALTHCHECK CMD command`")


def _meant_check(instruction: nodes.Healthcheck) -> str:
    assert instruction.kind is not None
    kind = instruction.kind.text
    rest = "" if instruction.command is None else instruction.text.partition(kind)[2].strip()
    if kind.upper() in ("CMD-SHELL", "TEST:", "SHELL") and rest:
        return f"write `HEALTHCHECK CMD {rest}`" if len(rest) < 60 else "write `HEALTHCHECK CMD` and the command"
    near = nearest(kind.upper(), ("CMD", "NONE"))
    if near:
        return f"did you mean {near}?"
    command = f"{kind} {rest}".strip()
    return f"write `HEALTHCHECK CMD {command}`" if len(command) < 60 else "write CMD before the command"


def _onbuild_problems(instruction: nodes.OnBuild) -> Iterator[Diagnostic]:
    if instruction.trigger is None:
        yield too_few(instruction, "at least one argument")
        return
    keyword = instruction.trigger.keyword
    word = keyword.text.upper()
    if word in _NO_TRIGGER:
        help_text = "one ONBUILD is enough" if word == "ONBUILD" else "the Dockerfile built on this image has its own"
        help_text = "use ONBUILD LABEL" if word == "MAINTAINER" else help_text
        yield error("bad-trigger", keyword.span, f"{word} is not allowed after ONBUILD", help_text)
