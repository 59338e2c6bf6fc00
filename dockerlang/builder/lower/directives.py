"""What the top of a file says about the whole build: the checks that it asks for, and the time of what is made."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dockerlang.builder.lower.expansion import Expander
from dockerlang.builder.lower.options import BuildOptions
from dockerlang.builder.lower.remote import is_remote
from dockerlang.semantics.scopes import GlobalScope
from dockerlang.semantics.stages import Stage, Stages
from dockerlang.syntax import nodes

EPOCH = "SOURCE_DATE_EPOCH"
_CHECK_OPTIONS = frozenset({"skip", "experimental", "error"})
_TRUE = frozenset({"1", "t", "true"})
_SWITCHES = _TRUE | {"0", "f", "false"}
_INTEGER = re.compile(r"[+-]?[0-9]+")


def refuse_bad_checks(document: nodes.Document, expander: Expander) -> None:
    """A `check` directive is `skip=...`, `experimental=...` and `error=true`, separated by semicolons."""
    for directive in document.directives:
        if directive.name != "check":
            continue
        for option in directive.value.text.partition(" ")[0].split(";"):
            name, has_value, value = (part.strip() for part in option.partition("="))
            if name not in _CHECK_OPTIONS or not has_value:
                message = f"`{name}` is no option of the checks"
                raise expander.failure(
                    "bad-check", directive.value.span, message, "there are skip, experimental, error"
                )
            if name == "error" and value.lower() not in _SWITCHES:
                raise expander.failure("bad-check", directive.value.span, f"`{value}` is neither true nor false")


def fails_on_findings(document: nodes.Document, build_args: Mapping[str, str]) -> bool:
    """Whether the file, or the build argument that replaces what it says, wants a finding of a check to be an error."""
    stated = [directive.value.text for directive in document.directives if directive.name == "check"]
    text = build_args.get("BUILDKIT_DOCKERFILE_CHECK", stated[0] if stated else "")
    options = [option.partition("=")[::2] for option in text.partition(" ")[0].split(";")]
    return any(name.strip() == "error" and value.strip().lower() in _TRUE for name, value in options)


def epoch_of(options: BuildOptions, scope: GlobalScope, stages: Stages, expander: Expander) -> int | None:
    """The time that the build or a global ARG sets, in seconds since 1970; None where neither does."""
    if options.epoch is not None:
        return options.epoch
    value = scope.environment.get(EPOCH, "") if EPOCH in scope.bindings else ""
    if not value:
        return None
    if _INTEGER.fullmatch(value):
        return int(value)
    binding = scope.bindings[EPOCH]
    span = binding.span or stages.document.span
    stage = stages.named(value)
    if stage is not None:
        _refuse_other_than_sources(stage, expander)
    if stage is not None or value == "context":
        message = f"the time of `{value}` as {EPOCH} is not built yet"
        raise expander.failure("unsupported", span, message, f"set {EPOCH} to a number of seconds")
    raise expander.failure("bad-epoch", span, f"`{value}` is no number of seconds since 1970")


def _refuse_other_than_sources(stage: Stage, expander: Expander) -> None:
    """A stage that gives the time only adds what has one: something remote."""
    for instruction in stage.instructions:
        is_source = isinstance(instruction, nodes.Arg) or (
            isinstance(instruction, nodes.Add)
            and all(isinstance(source, nodes.Word) and is_remote(source.text) for source in instruction.sources)
        )
        if not is_source:
            message = f"{instruction.keyword.text} has no place in a stage that only gives a time"
            raise expander.failure("bad-epoch", stage.instruction.statement, message)
