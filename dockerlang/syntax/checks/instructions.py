"""What is wrong with one instruction: unknown keywords, missing and extra arguments, names that cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic
from dockerlang.syntax import nodes
from dockerlang.syntax.checks.flags import flag_problems, healthcheck_flag_problems, run_flag_problems
from dockerlang.syntax.checks.report import error, too_few
from dockerlang.syntax.checks.splitting import splitting_problems
from dockerlang.text import Span, nearest

_STAGE_NAME = re.compile(r"[a-z][a-z0-9\-_.]*")
_NO_TRIGGER = frozenset({"ONBUILD", "FROM", "MAINTAINER"})


def instruction_problems(instruction: nodes.Instruction) -> Iterator[Diagnostic]:
    yield from splitting_problems(instruction)
    yield from flag_problems(instruction)
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


def _unknown_instruction(instruction: nodes.Invalid) -> Diagnostic:
    word = instruction.keyword.text
    suggestion = nearest(word.upper(), nodes.INSTRUCTIONS, cutoff=0.5)
    if word.islower():
        suggestion = suggestion.lower()
    help_text = f"did you mean {suggestion}?" if suggestion else ""
    return error("unknown-instruction", instruction.keyword.span, f"`{word}` is no instruction", help_text)


def _from_problems(instruction: nodes.From) -> Iterator[Diagnostic]:
    if instruction.image is None:
        yield too_few(instruction, "an image")
    elif instruction.extra:
        span = Span(instruction.extra[0].span.start, instruction.extra[-1].span.end)
        help_text = "FROM takes an image, and `AS name`"
        if instruction.extra[0].text.startswith("#"):
            help_text = "a comment must stand on a line of its own"
        yield error("extra-argument", span, "these words do not belong to FROM", help_text)
    elif instruction.as_keyword is not None and instruction.stage is None:
        yield error("missing-argument", instruction.as_keyword.span, "the name of the stage is missing after AS")
    elif instruction.stage is not None and not _STAGE_NAME.fullmatch(instruction.stage.text.lower()):
        yield error(
            "bad-stage-name",
            instruction.stage.span,
            f"`{instruction.stage.text}` cannot be the name of a stage",
            "a name begins with a letter and goes on with letters, digits, `-`, `_` and `.`",
        )


def _arg_problems(instruction: nodes.Arg) -> Iterator[Diagnostic]:
    if not instruction.declarations:
        yield too_few(instruction, "at least one argument")
    for declaration in instruction.declarations:
        if not declaration.name.text:
            yield error("blank-name", declaration.span, "the name of an ARG is blank", "write no blanks around `=`")


def _blank_names(instruction: nodes.Env | nodes.Label) -> Iterator[Diagnostic]:
    for pair in instruction.pairs:
        if not pair.name.text and pair.value is not None:
            keyword = instruction.keyword.text.upper()
            yield error("blank-name", pair.span, f"the name of an {keyword} is blank")


def _transfer_problems(instruction: nodes.Transfer) -> Iterator[Diagnostic]:
    keyword = instruction.keyword.text.upper()
    if instruction.destination is None:
        span = instruction.sources[0].span if instruction.sources else instruction.keyword.span
        yield error("missing-argument", span, f"{keyword} requires a source and a destination")
    elif isinstance(instruction.destination, nodes.Heredoc):
        yield error("heredoc-destination", instruction.destination.span, f"{keyword} cannot copy into a heredoc")
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
            help_text = 'write `SHELL ["executable", "argument"]`, with double quotes'
            yield error("shell-needs-array", command.span, "SHELL takes a JSON array only", help_text)


def _healthcheck_problems(instruction: nodes.Healthcheck) -> Iterator[Diagnostic]:
    if instruction.kind is None:
        yield too_few(instruction, "at least one argument")
        return
    kind = instruction.kind.text.upper()
    if kind == "NONE":
        if instruction.command is not None:
            yield error("extra-argument", instruction.command.span, "HEALTHCHECK NONE takes no arguments")
        return
    if kind != "CMD":
        message = f"`{instruction.kind.text}` is no kind of HEALTHCHECK"
        yield error("bad-healthcheck", instruction.kind.span, message, "write HEALTHCHECK CMD command, or NONE")
        return
    if instruction.command is None or instruction.command == nodes.ExecForm(instruction.command.span, ()):
        yield error("missing-argument", instruction.kind.span, "the command is missing after HEALTHCHECK CMD")
    for flag in instruction.flags:
        if flag.value is not None:
            yield from healthcheck_flag_problems(flag, flag.value)


def _onbuild_problems(instruction: nodes.OnBuild) -> Iterator[Diagnostic]:
    if instruction.trigger is None:
        yield too_few(instruction, "at least one argument")
        return
    keyword = instruction.trigger.keyword
    if keyword.text.upper() in _NO_TRIGGER:
        yield error("bad-trigger", keyword.span, f"{keyword.text.upper()} is not allowed after ONBUILD")
