"""What an editor shows over a word: what an instruction or flag is for, what a variable holds, what a stage is."""

from __future__ import annotations

from dockerlang.ide.guide import DIRECTIVES, GUIDES, FlagGuide, instruction_card
from dockerlang.ide.occurrences import Occurrence, StageTarget, occurrence_at, occurrences
from dockerlang.ide.place import instruction_at
from dockerlang.ide.silenced_rules import silenced_rule_at
from dockerlang.records import record
from dockerlang.semantics.excerpts import around
from dockerlang.semantics.predefined import AUTOMATIC_ARGUMENTS, is_automatic
from dockerlang.semantics.scopes import Binding, BindingKind, StageScope
from dockerlang.semantics.static_scopes import StaticScopes, static_scopes
from dockerlang.syntax import nodes
from dockerlang.syntax.walk import path_at
from dockerlang.text import Span


@record
class Hover:
    """A card, in Markdown, about what `span` covers."""

    span: Span
    markdown: str


def hover(document: nodes.Document, offset: int) -> Hover | None:
    """The card for `offset`; None where there is nothing to say."""
    occurrence = occurrence_at(document, offset)
    if occurrence is not None and isinstance(occurrence.target, StageTarget) and not _is_keyword(document, offset):
        return _stage_card(document, occurrence, occurrence.target)
    path = path_at(document, offset)
    for node in reversed(path):
        match node:
            case nodes.Variable():
                return Hover(node.span, _variable_card(document, node.name, node.name_span))
            case nodes.Flag() if node.name_span.touches(offset):
                return _flag_card(path, node)
            case nodes.Instruction() if node.keyword.span.touches(offset):
                guide = GUIDES.get(node.KEYWORD)
                return Hover(node.keyword.span, instruction_card(guide)) if guide is not None else None
            case nodes.Heredoc():
                return Hover(node.span, _heredoc_card(document, node))
            case nodes.Directive() if node.name in DIRECTIVES and node.name_span.touches(offset):
                return Hover(node.name_span, f"`# {node.name}=`: {DIRECTIVES[node.name].purpose}")
    rule = silenced_rule_at(document, offset)
    if rule is not None:
        return Hover(rule.span, rule.page)
    if occurrence is not None and not isinstance(occurrence.target, StageTarget):
        card = _variable_card(document, occurrence.target.name, occurrence.span)
        return Hover(occurrence.span, card)
    return None


def _is_keyword(document: nodes.Document, offset: int) -> bool:
    instruction = instruction_at(document, offset)
    return instruction is not None and instruction.keyword.span.touches(offset)


def _flag_card(path: tuple[nodes.Node, ...], flag: nodes.Flag) -> Hover | None:
    keyword = next((node.KEYWORD for node in reversed(path) if isinstance(node, nodes.Instruction)), "")
    guide: FlagGuide | None = GUIDES[keyword].flags.get(flag.name) if keyword in GUIDES else None
    return Hover(flag.name_span, f"`--{flag.name}`: {guide.purpose}") if guide is not None else None


def _heredoc_card(document: nodes.Document, heredoc: nodes.Heredoc) -> str:
    instruction = instruction_at(document, heredoc.span.start)
    if isinstance(instruction, nodes.Run):
        if instruction.script is heredoc:
            first = heredoc.chomped.partition("\n")[0]
            runner = f"`{first[2:].strip()}`" if first.startswith("#!") else "The shell"
            return f"Here-document up to `{heredoc.delimiter}`. {runner} runs it; the build expands nothing in it."
        does = "expands" if heredoc.does_expand else "does not expand"
        return f"Here-document up to `{heredoc.delimiter}`. The command reads it; the shell {does} the variables in it."
    values = "Variables in it are expanded." if heredoc.does_expand else "It is taken as written, without expansion."
    tabs = " Leading tabs are removed." if heredoc.does_chomp else ""
    return f"Here-document up to `{heredoc.delimiter}`. {values}{tabs}"


# ---------------------------------------------------------------- stages


def _stage_card(document: nodes.Document, occurrence: Occurrence, target: StageTarget) -> Hover:
    scopes = static_scopes(document)
    stage = scopes.stages.stages[target.index]
    title = f"Stage `{stage.name}`" if stage.name else f"Stage {stage.index}"
    paragraphs = [title, f"```dockerfile\n{stage.instruction.text.strip()}\n```"]
    image, written = scopes.image_of(stage), stage.instruction.image
    if image is not None and written is not None and image != written.text:
        paragraphs.append(f"Its base is `{image}`.")
    users = _users(document, scopes, target)
    paragraphs.append(f"Used by {', '.join(users)}." if users else "No other stage uses it.")
    return Hover(occurrence.span, "\n\n".join(paragraphs))


def _users(document: nodes.Document, scopes: StaticScopes, target: StageTarget) -> tuple[str, ...]:
    """The stages that name this one, each once, in order."""
    labels: dict[str, None] = {}
    for use in occurrences(document):
        if use.target == target and not use.is_definition:
            begun = [stage for stage in scopes.stages if stage.instruction.span.start <= use.span.start]
            labels[f"`{begun[-1].label}`"] = None
    return tuple(labels)


# ---------------------------------------------------------------- variables

_SEEN = {
    BindingKind.AUTOMATIC: "The build sets it; this is its value on this machine.",
    BindingKind.GLOBAL_ARG: "`FROM` lines see it; a stage does after its own `ARG`.",
    BindingKind.ARG: "The rest of the stage sees it, and `RUN`; the image does not keep it.",
    BindingKind.ENV: "The rest of the stage sees it, and `RUN`, and the container.",
    BindingKind.BASE_IMAGE: "It comes from the base image.",
}


def _variable_card(document: nodes.Document, name: str, span: Span) -> str:
    document = around(document, span.start)
    scopes = static_scopes(document)
    scope, binding = _binding_at(document, scopes, name, span)
    if binding is None:
        if is_automatic(name):
            return f"`{name}` is not set here: a stage sees it after `ARG {name}`.{_automatic(name)}"
        why = "" if scope.is_complete else " The base image may set it."
        return f"`{name}` is not set here.{why}"
    value = f"`{name}` = `{binding.value}`" if binding.value else f"`{name}` {_without_value(binding)}"
    paragraphs = [value]
    if binding.instruction is not None and binding.span is not None:
        line = document.source.lines.line_of(binding.span.start) + 1
        paragraphs.append(f"Line {line}:\n```dockerfile\n{binding.instruction.text.strip()}\n```")
    is_guessed = binding.kind is BindingKind.BASE_IMAGE and not scope.is_complete
    seen = "The base image may set another value." if is_guessed else _SEEN[binding.kind]
    paragraphs.append(seen + _automatic(name))
    return "\n\n".join(paragraphs)


def _binding_at(
    document: nodes.Document, scopes: StaticScopes, name: str, span: Span
) -> tuple[StageScope, Binding | None]:
    """The scope at `span` and what `name` means there. A name that is being set means what it is set to."""
    instruction = instruction_at(document, span.start)
    assert instruction is not None, "variables stand in instructions"
    after = _scope_after(document, scopes, instruction)
    own = after.bindings.get(name)
    if own is not None and own.instruction is instruction and own.span is not None:
        # In ARG, a name that an earlier word of the line declares counts already; in ENV it does not.
        is_set_here = own.span == span or (isinstance(instruction, nodes.Arg) and own.span < span)
        scope = after if is_set_here else scopes.at(instruction)
    else:
        scope = scopes.at(instruction)
    return scope, scope.bindings.get(name)


def _scope_after(document: nodes.Document, scopes: StaticScopes, instruction: nodes.Instruction) -> StageScope:
    stage = scopes.stages.stage_of(instruction)
    rest = iter(document.instructions)
    following = next((after for before in rest if before is instruction for after in rest), None)
    if stage is not None and (following is None or scopes.stages.stage_of(following) is not stage):
        return scopes.after(stage)
    return scopes.at(following or instruction)


def _without_value(binding: Binding) -> str:
    if binding.value == "":
        return "is set to nothing."
    if binding.kind in (BindingKind.ARG, BindingKind.GLOBAL_ARG):
        return "is declared without a value; `--build-arg` can give one."
    return "has a value that only the build knows."


def _automatic(name: str) -> str:
    return f" It is the {AUTOMATIC_ARGUMENTS[name]}." if is_automatic(name) else ""
