"""What an editor can offer at a cursor: instructions, flags, stages, variables, and the few fixed words between them.

Flags are offered that the instruction has and that are not given yet; stages that come before; variables that are set
at that line. Everything offered replaces the part of the word that is already typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from itertools import takewhile

from dockerlang.ide.guide import DIRECTIVES, GUIDES, instruction_card
from dockerlang.ide.known_values import known_values
from dockerlang.ide.mount_options import ALIASES, MOUNT_TYPES, VALUES
from dockerlang.ide.place import Place, is_line_start, place_at
from dockerlang.linter import Catalog, Family
from dockerlang.records import record
from dockerlang.semantics.excerpts import Division, around
from dockerlang.semantics.predefined import AUTOMATIC_ARGUMENTS
from dockerlang.semantics.scopes import Binding, BindingKind
from dockerlang.semantics.stages import Stage, split_stages
from dockerlang.semantics.static_scopes import static_scopes
from dockerlang.syntax import nodes
from dockerlang.syntax.flags import FLAGS, FlagKind
from dockerlang.text import Span


class CompletionKind(Enum):
    """What is offered."""

    INSTRUCTION = "instruction"
    FLAG = "flag"
    STAGE = "stage"
    VARIABLE = "variable"
    VALUE = "value"


@record
class Completion:
    """One offer: `text` takes the place of `span`. `documentation` is Markdown. Offers come in the order to show."""

    label: str
    kind: CompletionKind
    span: Span
    text: str
    detail: str = ""
    documentation: str = ""


_NOT_IN_ONBUILD = frozenset({"FROM", "MAINTAINER", "ONBUILD"})
_VARIABLE = re.compile(r"\$(\{?)([A-Za-z0-9_]*)$")
_DIRECTIVE = re.compile(r"[ \t]*#[ \t]*(?P<name>[a-zA-Z]*)$")

_SILENCING = re.compile(
    r"[ \t]*#[ \t]*(?:(?P<check>check[ \t]*=[ \t]*skip=)|hadolint[ \t]+(?:global[ \t]+)?ignore[ \t]*=)"
    r"(?P<given>(?:[^,;]*,)*)[ \t]*(?P<code>[A-Za-z0-9-]*)"
)


def complete(document: nodes.Document, offset: int) -> tuple[Completion, ...]:
    """What can be written at `offset`, the likeliest first; what does not begin with the typed word is left to the
    editor to hide, since editors match loosely."""
    if is_line_start(document, offset):
        word = _word_before(document, offset)
        return tuple(_keywords(word, without=frozenset() if _has_stage(document, offset) else _AFTER_FROM))
    place = place_at(document, offset)
    if place is None:
        return (*_directives(document, offset), *_rule_codes(document, offset))
    variable = _VARIABLE.search(place.word)
    if variable is not None:
        return tuple(_variables(document, place, variable))
    if place.heredoc is not None:
        return ()
    return tuple(_in_instruction(document, place))


# What can only stand in a stage; before the first one these are not offered.
_AFTER_FROM = frozenset(GUIDES) - {"FROM", "ARG"}


def _in_instruction(document: nodes.Document, place: Place) -> Iterator[Completion]:
    if place.is_among_flags and place.word.startswith("-"):
        name, has_value, value = place.word.removeprefix("--").partition("=")
        if has_value:
            yield from _flag_values(document, place, name, value)
        else:
            yield from _flags(place)
        return
    match place.instruction:
        case nodes.OnBuild():
            yield from _keywords(place.word_span, _NOT_IN_ONBUILD)
        case nodes.From():
            yield from _from_words(document, place)
        case nodes.Healthcheck() if not place.arguments:
            yield from _values(("CMD", "NONE"), place.word_span)
        case nodes.Expose() | nodes.StopSignal() | nodes.Shell() if not place.arguments or _takes_many(place):
            for value, meaning in known_values(place.instruction).items():
                yield Completion(value, CompletionKind.VALUE, place.word_span, value, meaning)
        case _:
            pass
    if place.is_among_flags and not place.word:
        yield from _flags(place)


def _takes_many(place: Place) -> bool:
    return isinstance(place.instruction, nodes.Expose)


# ---------------------------------------------------------------- instructions and directives


def _keywords(span: Span, without: frozenset[str]) -> Iterator[Completion]:
    for guide in GUIDES.values():
        if guide.keyword not in without:
            yield Completion(
                guide.keyword,
                CompletionKind.INSTRUCTION,
                span,
                f"{guide.keyword} ",
                guide.forms[0],
                instruction_card(guide),
            )


def _directives(document: nodes.Document, offset: int) -> Iterator[Completion]:
    """Directives, on a comment line that only directives come before."""
    lines = document.source.lines
    start = lines.start_of(lines.line_of(offset))
    match = _DIRECTIVE.fullmatch(document.source.text, start, offset)
    if match is None or any(
        item.span.start < start and not isinstance(item, nodes.Directive) for item in document.items
    ):
        return
    given = {directive.name for directive in document.directives if not directive.span.touches(offset)}
    for name, guide in DIRECTIVES.items():
        if name not in given:
            span = Span(*match.span("name"))
            yield Completion(name, CompletionKind.VALUE, span, f"{name}=", guide.values[0], guide.purpose)


def _rule_codes(document: nodes.Document, offset: int) -> Iterator[Completion]:
    """Codes in a comment that silences rules, those of the family that the comment is for."""
    lines = document.source.lines
    match = _SILENCING.fullmatch(document.source.text, lines.start_of(lines.line_of(offset)), offset)
    if match is None:
        return
    span = Span(*match.span("code"))
    given = {code.strip().lower() for code in match["given"].split(",")}
    for rule in Catalog.load().rules:
        if rule.code.lower() not in given and (rule.family is Family.BUILDKIT) == (match["check"] is not None):
            yield Completion(rule.code, CompletionKind.VALUE, span, rule.code, rule.title)


# ---------------------------------------------------------------- flags


def _flags(place: Place) -> Iterator[Completion]:
    keyword = place.instruction.KEYWORD
    guide = GUIDES.get(keyword)
    flags = (*place.words, *takewhile(lambda word: word.startswith("--"), place.words_after))
    given = {word.removeprefix("--").partition("=")[0] for word in flags}
    for name, kind in FLAGS.get(keyword, {}).items():
        if name in given and kind is not FlagKind.LIST:
            continue
        text = f"--{name}" if kind is FlagKind.BOOLEAN else f"--{name}="
        purpose = guide.flags[name].purpose if guide is not None else ""
        yield Completion(f"--{name}", CompletionKind.FLAG, place.word_span, text, documentation=purpose)


def _flag_values(document: nodes.Document, place: Place, name: str, value: str) -> Iterator[Completion]:
    kind = FLAGS.get(place.instruction.KEYWORD, {}).get(name)
    if kind is None:
        return
    span = Span(place.word_span.end - len(value), place.word_span.end)
    if name == "mount":
        yield from _mount(document, place, value)
    elif name == "from":
        yield from _stages(_stages_before(document, place.word_span.end), span)
    elif kind is FlagKind.BOOLEAN:
        yield from _values(("true", "false"), span)
    else:
        yield from _values(GUIDES[place.instruction.KEYWORD].flags[name].values, span)


def _mount(document: nodes.Document, place: Place, value: str) -> Iterator[Completion]:
    """Inside `--mount=`: the type first, then the keys of that type that are not given, then their values."""
    *before, part = value.split(",")
    options = dict(field.partition("=")[::2] for field in before)
    key, has_value, text = part.partition("=")
    end = place.word_span.end
    if has_value:
        span = Span(end - len(text), end)
        if key == "from":
            yield from _stages(_stages_before(document, end), span)
        if key == "id":
            for known in _ids(document, options.get("type", "bind"), place.word_span):
                yield Completion(known, CompletionKind.VALUE, span, known)
        for known in VALUES.get(key, ()):
            purpose = MOUNT_TYPES[known].purpose if key == "type" else ""
            yield Completion(known, CompletionKind.VALUE, span, known, documentation=purpose)
        return
    span = Span(end - len(part), end)
    if "type" not in options:
        yield Completion(
            "type", CompletionKind.FLAG, span, "type=", documentation="What is mounted; `bind` unless given."
        )
    given = {ALIASES.get(name, name) for name in options}
    mount_type = MOUNT_TYPES.get(options.get("type", "bind"))
    for known, purpose in mount_type.keys.items() if mount_type is not None else ():
        if known.removesuffix("=") not in given:
            yield Completion(known.removesuffix("="), CompletionKind.FLAG, span, known, documentation=purpose)


def _ids(document: nodes.Document, mount_type: str, but: Span) -> tuple[str, ...]:
    """The ids that other mounts of a type have, each once."""
    mounts = (mount for run in document.all_of(nodes.Run) for mount in run.mounts if not mount.span.overlaps(but))
    ids = (mount.option("id") for mount in mounts if mount.type == mount_type)
    return tuple(dict.fromkeys(found.value.text for found in ids if found is not None and found.value is not None))


# ---------------------------------------------------------------- stages, variables, words


def _from_words(document: nodes.Document, place: Place) -> Iterator[Completion]:
    match len(place.arguments):
        case 0:
            yield from _stages(_stages_before(document, place.word_span.end), place.word_span)
            yield from _values(("scratch",), place.word_span)
        case 1:
            yield from _values(("AS",), place.word_span)


def _stages_before(document: nodes.Document, offset: int) -> tuple[Stage, ...]:
    """The stages that end before the cursor's own begins."""
    begun = [stage for stage in split_stages(Division(document).excerpt()) if stage.instruction.span.start <= offset]
    return tuple(begun[:-1])


def _stages(stages: Iterable[Stage], span: Span) -> Iterator[Completion]:
    """Named stages, the nearest first: it is the likeliest."""
    for stage in reversed(tuple(stages)):
        if stage.name:
            image = stage.instruction.image
            yield Completion(
                stage.name, CompletionKind.STAGE, span, stage.name, image.text if image is not None else ""
            )


def _variables(document: nodes.Document, place: Place, typed: re.Match[str]) -> Iterator[Completion]:
    """The variables that are set where the cursor is, the last one first, those that the build sets at the end."""
    span = Span(place.word_span.start + typed.start(), place.word_span.end)
    is_closed = document.source.text[span.end : span.end + 1] == "}"
    for binding in _visible(document, place.instruction):
        text = f"${{{binding.name}{'' if is_closed else '}'}" if typed[1] else f"${binding.name}"
        yield Completion(binding.name, CompletionKind.VARIABLE, span, text, _value(binding), _origin(binding))


def _visible(document: nodes.Document, instruction: nodes.Instruction) -> Iterator[Binding]:
    # The same instruction: an excerpt shares the items of its document.
    near = around(document, instruction.span.start)
    bindings = [*static_scopes(near).at(instruction).bindings.values()]
    if isinstance(instruction, (nodes.Cmd, nodes.Entrypoint, nodes.Healthcheck)):
        # These run in the container, which knows no ARG.
        bindings = [binding for binding in bindings if binding.kind in (BindingKind.ENV, BindingKind.BASE_IMAGE)]
    yield from sorted(bindings, key=lambda binding: -(binding.span.start if binding.span is not None else -1))


def _value(binding: Binding) -> str:
    if binding.kind is BindingKind.AUTOMATIC:
        return AUTOMATIC_ARGUMENTS.get(binding.name, "")
    return binding.value or ""


def _origin(binding: Binding) -> str:
    return f"```dockerfile\n{binding.instruction.text.strip()}\n```" if binding.instruction is not None else ""


def _values(values: Iterable[str], span: Span) -> Iterator[Completion]:
    for value in values:
        yield Completion(value, CompletionKind.VALUE, span, value)


def _word_before(document: nodes.Document, offset: int) -> Span:
    start = offset
    while start > 0 and document.source.text[start - 1] not in " \t\r\n\ufeff":
        start -= 1
    return Span(start, offset)


def _has_stage(document: nodes.Document, offset: int) -> bool:
    division = Division(document)
    return any(division.items.starts[opening] < offset for opening in division.openings)
