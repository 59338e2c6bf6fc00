"""The semantics' cases in Markdown: expansion, variables line by line, stages, ignore files."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlang.semantics.expand import ExpansionError, expand, expand_body, expand_words
from dockerlang.semantics.ignore import read_ignore
from dockerlang.semantics.ignore_pattern import InvalidIgnorePattern
from dockerlang.semantics.scopes import StageScope
from dockerlang.semantics.stage_graph import find_cycle, reachable
from dockerlang.semantics.stages import Stage, StageOrder, Stages, StageUse, UnknownStage, stage_uses
from dockerlang.semantics.static_scopes import static_scopes
from dockerlang.syntax import nodes, parse
from dockerlang.syntax.words import pieces_of
from dockerlang.text import Span
from tests.markdown_cases import Case, parametrize


def expanded(text: str, escape: str = "backslash", split: str = "no") -> str:
    """Lines `NAME=value`, an empty line, then a word a line: each word with its value."""
    character = {"backslash": "\\", "backtick": "`"}[escape]
    environment, words = _environment(text)
    lines = []
    for written in words:
        word = nodes.Word(Span(0, len(written)), written, pieces_of(written, Span, character))
        try:
            value = " | ".join(expand_words(word, environment)) if split == "yes" else expand(word, environment).text
        except ExpansionError as error:
            value = f"error at {written[error.span.start : error.span.end]}: {error}"
        lines.append(f"{written} -> {value}")
    return "".join(f"{line}\n" for line in lines)


def names(text: str) -> str:
    """The same, with the names that were found and those that were not."""
    environment, words = _environment(text)
    lines = []
    for written in words:
        expansion = expand(nodes.Word(Span(0, len(written)), written, pieces_of(written, Span, "\\")), environment)
        lines.append(f"{written} -> used {', '.join(expansion.used) or '-'}; unset {', '.join(expansion.unset) or '-'}")
    return "".join(f"{line}\n" for line in lines)


def bodies(text: str) -> str:
    """The heredocs of a Dockerfile, expanded with the variables of its lines."""
    document = parse(text)
    scopes = static_scopes(document)
    found = [
        expand_body(heredoc, scopes.at(instruction).environment).text
        for instruction in document.instructions
        for heredoc in instruction.heredocs
    ]
    return "".join(found)


def variables(text: str) -> str:
    """What each line sees: the names that the file sets (or the base image), with value and place."""
    document = parse(text)
    scopes = static_scopes(document, _base_environment)
    lines = []
    for instruction in document.instructions:
        line = document.source.lines.line_of(instruction.span.start) + 1
        is_global = isinstance(instruction, nodes.From) or scopes.stages.stage_of(instruction) is None
        shown = _shown(scopes.at(instruction), document, is_global=is_global)
        lines.append(f"{line} {instruction.keyword.text}: {shown}")
    return "".join(f"{line}\n" for line in lines)


def stages(text: str) -> str:
    """The stages, what they are built on, what they take files from, and what the last one needs."""
    document = parse(text)
    scopes = static_scopes(document)
    lines = []
    for stage in scopes.stages:
        base = scopes.base_of(stage)
        lines.append(f"{stage.label} on {f'stage {base.label}' if base else scopes.image_of(stage)}")
        lines.extend(f"  {_described(scopes.stages, stage, use)}" for use in stage_uses(stage))
    cycle = find_cycle(scopes.stages, scopes.base_of)
    if cycle:
        lines.append(f"circle: {' -> '.join(stage.label for stage, _ in cycle)}")
    needed = reachable(scopes.stages, scopes.stages.target(), scopes.base_of)
    lines.append(f"needed: {', '.join(stage.label for stage in needed)}")
    return "".join(f"{line}\n" for line in lines)


def decisions(text: str) -> str:
    """An ignore file, a line `---`, then a path a line: what becomes of each, and who says so."""
    patterns, _, paths = text.partition("---\n")
    ignore_file = read_ignore(patterns)
    lines = []
    for path in paths.splitlines():
        is_directory = path.endswith("/")
        try:
            decision = ignore_file.decide(path.rstrip("/"))
        except InvalidIgnorePattern as error:
            return f"error: {error}\n"
        state = "ignored" if decision is not None and decision.is_ignored else "kept"
        assert ignore_file.is_ignored(path.rstrip("/")) == (state == "ignored")
        if is_directory and ignore_file.can_prune(path.rstrip("/")):
            state = "pruned"
        lines.append(f"{path} {state}" + ("" if decision is None else f" by {decision.describe()}"))
    return "".join(f"{line}\n" for line in lines)


@parametrize(Path(__file__).parent.glob("*.md"))
def test_case(case: Case, pytestconfig: pytest.Config) -> None:
    functions = (expanded, names, bodies, variables, stages, decisions)
    case.check({function.__name__: function for function in functions}, pytestconfig)


def _environment(text: str) -> tuple[dict[str, str], list[str]]:
    settings, _, words = text.partition("\n\n")
    return dict(line.split("=", 1) for line in settings.splitlines() if line), words.splitlines()


def _base_environment(image: str) -> dict[str, str] | None:
    return {"PATH": "/bin", "BASE": "1"} if image == "known" else None


def _shown(scope: StageScope, document: nodes.Document, *, is_global: bool) -> str:
    shown = []
    for binding in scope.bindings.values():
        if binding.span is None and (is_global or binding.name == "PATH"):
            continue
        place = "" if binding.span is None else f"@{document.source.lines.line_of(binding.span.start) + 1}"
        value = "" if binding.value is None else f"={binding.value}"
        shown.append(f"{binding.name}{value}{place} {binding.kind.name.lower()}")
    more = "" if scope.is_complete or is_global else ", and more"
    return "; ".join(shown) + more


def _described(found: Stages, stage: Stage, use: StageUse) -> str:
    what = "ONBUILD " if use.trigger_of else ""
    try:
        source = found.source_of(use.name, stage) if use.may_be_index else found.mount_source_of(use.name, stage)
    except (StageOrder, UnknownStage) as error:
        return f"{what}{use.name}: error: {error}"
    return f"{what}{use.name}: {f'stage {source.label}' if source else 'image'}"
