"""SOURCE_DATE_EPOCH: the time of everything that is made, which a build argument or a global ARG sets.

It is a number, or the name of what has a time: `context`, a named context, or a stage that does nothing but add one
remote source (section 1.10 of the language). What has none leaves the variable empty.
"""

from __future__ import annotations

import re

from dockerlang.builder.graph import GitSource, HttpSource
from dockerlang.builder.lower.expansion import Expander
from dockerlang.builder.lower.options import BuildOptions
from dockerlang.builder.lower.remote import remote_source
from dockerlang.errors import UsageError
from dockerlang.records import record, replace
from dockerlang.semantics.expand import ExpansionError
from dockerlang.semantics.scopes import GlobalScope, stage_argument
from dockerlang.semantics.stages import Stage, Stages
from dockerlang.syntax import nodes

EPOCH = "SOURCE_DATE_EPOCH"
MAIN_CONTEXT = "context"
_INTEGER = re.compile(r"[+-]?[0-9]+")


@record
class Epoch:
    """The time, in seconds since 1970, if there is one; and the variables, in which it now is a number or empty."""

    seconds: int | None
    options: BuildOptions
    scope: GlobalScope


def find_epoch(options: BuildOptions, scope: GlobalScope, stages: Stages, expander: Expander) -> Epoch:
    """The time that the build or the file asks for. Raises `BuildFailure`, and `UsageError` for a bad argument."""
    value = _value(options, scope)
    if options.epoch is not None or not value:
        return Epoch(options.epoch, options, scope)
    seconds = int(value) if _INTEGER.fullmatch(value) else _time_of(value, options, scope, stages, expander)
    text = "" if seconds is None else str(seconds)
    if EPOCH in options.build_args:
        options = replace(options, build_args={**options.build_args, EPOCH: text})
    if EPOCH in scope.environment:
        scope = replace(scope, environment={**scope.environment, EPOCH: text})
    return Epoch(seconds, options, replace(scope, build_args=options.build_args))


def _value(options: BuildOptions, scope: GlobalScope) -> str:
    given = options.build_args.get(EPOCH)
    if given is not None:
        return given
    return scope.environment.get(EPOCH, "") if EPOCH in scope.bindings else ""


def _time_of(value: str, options: BuildOptions, scope: GlobalScope, stages: Stages, expander: Expander) -> int | None:
    if value == MAIN_CONTEXT:
        return options.context_time()
    source = _named_source(value, options)
    stage = stages.named(value) if source is None else None
    if stage is not None:
        source = _only_source(stage, scope, expander)
    if source is None:
        if stage is None and not _is_context(value, options):
            raise _not_a_time(value, options, scope, stages, expander)
        return None
    return None if options.source_time is None else options.source_time(source)


def _named_source(value: str, options: BuildOptions) -> GitSource | HttpSource | None:
    """The remote source that a named context is; one on this machine has no time of its own."""
    if not options.contexts:
        return None
    from dockerlang.builder.contexts.named import FileContext, GitContext, find_named_context
    from dockerlang.builder.lower.contexts import git_source

    found = find_named_context(options.contexts, value, options.platform)
    match None if found is None else found[1]:
        case GitContext(reference):
            return git_source(reference)
        case FileContext(url):
            return HttpSource(url)
        case _:
            return None


def _is_context(value: str, options: BuildOptions) -> bool:
    if not options.contexts:
        return False
    from dockerlang.builder.contexts.named import find_named_context

    return find_named_context(options.contexts, value, options.platform) is not None


def _only_source(stage: Stage, scope: GlobalScope, expander: Expander) -> GitSource | HttpSource:
    """What the one ADD of a stage brings that is there to give a time: FROM scratch, ARGs, and nothing else."""
    from_ = stage.instruction
    environment = {name: value for name, value in scope.environment.items() if name != EPOCH}
    if from_.image is None or expander.word(from_.image, environment) != "scratch":
        raise expander.failure("bad-epoch", from_.statement, "a stage that gives the time is FROM scratch")
    found: GitSource | HttpSource | None = None
    for instruction in stage.instructions:
        match instruction:
            case nodes.Arg():
                _declare(instruction, environment, scope, expander)
            case nodes.Add() if found is None and len(instruction.sources) == 1:
                (word,) = instruction.sources
                if isinstance(word, nodes.Word):
                    checksum = instruction.flag("checksum")
                    expected = "" if checksum is None or checksum.value is None else checksum.value
                    text = expander.word(expected, environment) if isinstance(expected, nodes.Word) else ""
                    found = remote_source(instruction, word, expander.word(word, environment), text, expander)
                if found is None:
                    message = "a stage that gives the time adds something remote: a URL or a git repository"
                    raise expander.failure("bad-epoch", from_.statement, message)
            case _:
                message = f"{instruction.keyword.text} has no place in a stage that only gives a time"
                help_text = "such a stage has one ADD of one remote source, and ARGs"
                raise expander.failure("bad-epoch", from_.statement, message, help_text)
    if found is None:
        message = "a stage that gives the time needs one ADD of something remote"
        raise expander.failure("bad-epoch", from_.statement, message)
    return found


def _declare(instruction: nodes.Arg, environment: dict[str, str], scope: GlobalScope, expander: Expander) -> None:
    for declaration in instruction.declarations:
        try:
            value = stage_argument(declaration, environment, scope)
        except ExpansionError as error:
            raise expander.failure("bad-expansion", error.span, error.message, error.help) from None
        if value is not None:
            environment[declaration.name.text] = value


def _not_a_time(value: str, options: BuildOptions, scope: GlobalScope, stages: Stages, expander: Expander) -> Exception:
    message = f"`{value}` as {EPOCH} is no number of seconds since 1970, and no context or stage"
    help_text = f"write a number, `{MAIN_CONTEXT}`, or the name of a context or a stage that has a time"
    if EPOCH in options.build_args:
        return UsageError(message, hint=help_text)
    span = scope.bindings[EPOCH].span or stages.document.span
    return expander.failure("bad-epoch", span, message, help_text)
