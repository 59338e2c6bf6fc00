"""Cases about the tree: dumps, lines, words, arrays, flags, heredocs, directives, comments, mistakes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from unittest.mock import patch

from dockerlang.semantics.doc_comments import comments_above, documentation
from dockerlang.semantics.frontend import DetectedDirective, detect_checks, detect_frontend
from dockerlang.semantics.stages import split_stages
from dockerlang.syntax import nodes, parse, problems
from dockerlang.syntax.check import PARSE_PHASE
from dockerlang.syntax.flags import FLAGS, FlagKind
from dockerlang.syntax.scanner import heredoc_marks
from dockerlang.text import Span
from tests.conformance.reference_tree import Json, dump_of, lines_of, nodes_of, warnings_of

Case = Mapping[str, Any]
Compared = tuple[object, object]

# What a message means, as our code for it.
_MEANINGS = (
    ("requires exactly one argument", "missing-argument"),
    ("requires at least one argument", "missing-argument"),
    ("requires at least two arguments", "missing-argument"),
    ("must have two arguments", "pair-without-value"),
    ("isn't allowed", "bad-trigger"),
    ("unknown flag", "unknown-flag"),
    ("unknown instruction", "unknown-instruction"),
    ("cannot accept a heredoc as a destination", "heredoc-destination"),
    ("cannot be less than 1ms", "bad-flag-value"),
)


def meaning(message: str) -> str:
    """The code for what a message of the reference says."""
    return next((code for words, code in _MEANINGS if words in message), message)


def instruction_of(text: str) -> nodes.Instruction:
    """The only instruction of a text that begins with none but `FROM`."""
    return parse(f"FROM scratch\n{text}").instructions[1]


def codes_of(text: str) -> list[str]:
    """What is wrong with a text, but for its having no FROM."""
    return [problem.code for problem in problems(parse(text)) if problem.code != "before-first-stage"]


def _dump(case: Case) -> Compared:
    return case["expect"], dump_of(nodes_of(parse(case["input"])))


def _parse_error(case: Case) -> Compared:
    return bool(case["expect"]), not PARSE_PHASE.isdisjoint(codes_of(case["input"]))


def _instruction_error(case: Case) -> Compared:
    return meaning(case["expect"]), next(iter(codes_of(case["input"])), None)


def _pair_error(case: Case) -> Compared:
    return meaning(case["expect"]), next(iter(codes_of(f"FROM scratch\nENV {case['input']}")), None)


def _node_lines(case: Case) -> Compared:
    document = parse(case["input"])
    lines = [lines_of(instruction, document.source.lines) for instruction in document.instructions]
    found = [[each[0], each[-1]] for each in lines]
    return case["expect"], {"file": [found[0][0], found[-1][1]], "nodes": found}


def _warnings(case: Case) -> Compared:
    found = warnings_of(parse(case["input"]))
    contained = [words for words in case["expect"]["contains"] if any(words in warning for warning in found)]
    return case["expect"], {"count": len(found), "contains": contained}


def _words(case: Case) -> Compared:
    document = parse(f"FROM scratch\nARG {case['input']}")
    arg = document.instructions[1]
    assert isinstance(arg, nodes.Arg)
    return case["expect"], [document.source.slice(declaration.span) for declaration in arg.declarations]


def _json_array(case: Case) -> Compared:
    instruction = instruction_of(f"CMD {case['input']}")
    command = instruction.command if isinstance(instruction, nodes.Cmd) else None
    return case["expect"], list(command.arguments) if isinstance(command, nodes.ExecForm) else None


def _array_of_others(case: Case) -> Compared:
    return case["expect"], "array-of-strings" in codes_of(f"FROM scratch\nCMD {case['input']}")


def _arguments(case: Case) -> Compared:
    given = case["input"]
    text = json.dumps(given["args"]) if given["json"] else " ".join(given["args"])
    instruction = instruction_of(f"CMD {text}")
    match instruction.command if isinstance(instruction, nodes.Cmd) else None:
        case nodes.ExecForm() as command:
            return case["expect"], list(command.arguments)
        case nodes.ShellForm(text=written):
            return case["expect"], [written]
        case _:
            return case["expect"], []


def _pairs(case: Case) -> Compared:
    instruction = instruction_of(f"ENV {case['input']}")
    assert isinstance(instruction, nodes.Env)
    mark = "" if instruction.is_legacy else "="
    return case["expect"], [[pair.name.text, pair.value.text if pair.value else "", mark] for pair in instruction.pairs]


def _directives(case: Case) -> Compared:
    found = parse(case["input"]).directives
    actual: Json = {"count": len(found)}
    for number, directive in enumerate(found):
        actual |= {f"d[{number}].Name": directive.name, f"d[{number}].Value": directive.value.text}
    return case["expect"], actual


def _detected(case: Case) -> Compared:
    is_check = case.get("key") == "check"
    found: DetectedDirective | None = (detect_checks if is_check else detect_frontend)(case["input"])
    actual = {
        "ok": found is not None,
        "ref": found.reference if found else "",
        "cmdline": found.value if found else "",
        "loc[0].Start.Line": found.line if found else None,
        "loc[0].End.Line": found.line if found else None,
    }
    return case["expect"], {name: value for name, value in actual.items() if name in case["expect"]}


def _heredoc_word(case: Case) -> Compared:
    """A text that is one heredoc mark as a whole."""
    marks = heredoc_marks(case["input"])
    is_mark = len(marks) == 1 and (marks[0].start, marks[0].end) == (0, len(case["input"]))
    return case["expect"], {"Name": marks[0].delimiter} if is_mark else None


def _heredoc_word_error(case: Case) -> Compared:
    return case["expect"], not heredoc_marks(case["input"])


def _heredoc_names(case: Case) -> Compared:
    return case["expect"], [mark.delimiter for mark in heredoc_marks(case["input"])] or None


def _heredocs(case: Case) -> Compared:
    found = [
        [
            {
                "Name": heredoc.delimiter,
                "Content": heredoc.content,
                "Expand": heredoc.does_expand,
                "FileDescriptor": heredoc.file_descriptor,
                "Chomp": heredoc.does_chomp,
            }
            for heredoc in instruction.heredocs
        ]
        for instruction in parse(case["input"]).instructions
    ]
    # Fields with the value zero are left out of the record, except for Expand.
    kept = [[{k: v for k, v in row.items() if v or k in ("Expand", "Content")} for row in rows] for rows in found]
    return case["expect"], [rows or None for rows in kept[1:]]


def _chomp(case: Case) -> Compared:
    span = Span(0, len(case["input"]))
    return case["expect"], nodes.Heredoc(span, "E", 0, True, True, case["input"], span, None).chomped


def _doc_comments(case: Case) -> Compared:
    document = parse(case["input"])
    stages, above = split_stages(document), comments_above(document)

    def documented(instruction: nodes.Instruction, name: str) -> str:
        return documentation(document, above.get(id(instruction), ()), name)

    def rows(arguments: Iterable[nodes.Arg]) -> list[tuple[str, str]]:
        return [(each.name.text, documented(arg, each.name.text)) for arg in arguments for each in arg.declarations]

    inner = [arg for stage in stages for arg in stage.instructions if isinstance(arg, nodes.Arg)]
    return case["expect"], {
        "stages": {stage.name: documented(stage.instruction, stage.name) for stage in stages},
        "meta": dict(rows(stages.global_args)),
        "args": [list(row) for row in rows(inner)],
    }


def _flags(case: Case) -> Compared:
    """The flags of an instruction that has those of the case."""
    kinds = {"string": FlagKind.STRING, "bool": FlagKind.BOOLEAN}
    known = {flag["name"]: kinds[flag["type"]] for flag in case["input"]["flags"]}
    words = [word.replace(" ", "\\ ") for word in case["input"]["args"]]
    with patch.dict(FLAGS, {"WORKDIR": known}):
        text = f"FROM scratch\nWORKDIR {' '.join(words)} /x"
        is_good = not codes_of(text)
        flags = parse(text).instructions[1].flags
    value = ", ".join(flag.name for flag in flags)
    if len(flags) == 1 and flags[0].value is not None:
        value = flags[0].value.text
    actual = {"ok": is_good, "value_or_used": value}
    return case["expect"], {name: each for name, each in actual.items() if name in case["expect"]}


KINDS: Mapping[str, Callable[[Case], Compared]] = {
    "chomp": _chomp,
    "detect_syntax": _detected,
    "directives": _directives,
    "doc_comments": _doc_comments,
    "dump": _dump,
    "flag_parse": _flags,
    "handle_json_args": _arguments,
    "heredoc_names_of_line": _heredoc_names,
    "heredoc_word": _heredoc_word,
    "heredoc_word_error": _heredoc_word_error,
    "heredocs_per_node_from_index_1": _heredocs,
    "instruction_error": _instruction_error,
    "instruction_error_contains": _instruction_error,
    "json_array": _json_array,
    "json_array_not_strings": _array_of_others,
    "nameval": _pairs,
    "nameval_error": _pair_error,
    "node_lines": _node_lines,
    "parse_directive": _detected,
    "parse_error": _parse_error,
    "parse_words": _words,
    "warnings": _warnings,
}
