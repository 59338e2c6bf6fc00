"""From a script to the simple commands in it, by tree-sitter's Bash grammar: one parse a script, shared by all rules.

The grammar's library is loaded at the first parse, so that a file without RUN does not pay for it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from dockerlang.records import record
from dockerlang.semantics.scripts.invocation import Argument, Invocation
from dockerlang.semantics.scripts.script import Script
from dockerlang.text import Span

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_QUOTED_ESCAPE = re.compile(r'\\(["$`\\])')
_NO_ARGUMENTS = frozenset({"command_name", "variable_assignment", "file_redirect", "herestring_redirect", "ERROR"})
_DYNAMIC = frozenset(
    {"simple_expansion", "expansion", "command_substitution", "arithmetic_expansion", "process_substitution"}
)


@record
class ParsedScript:
    """The simple commands of a script in the order in which they stand, nested ones included, and its pipes."""

    invocations: tuple[Invocation, ...] = ()
    pipes: tuple[Span, ...] = ()

    def shift(self, delta: int) -> ParsedScript:
        """The same commands, `delta` characters further on."""
        if delta == 0:
            return self
        return ParsedScript(
            tuple(invocation.shift(delta) for invocation in self.invocations),
            tuple(pipe.shift(delta) for pipe in self.pipes),
        )


def parse_script(script: Script) -> ParsedScript:
    """Take a script apart; what the grammar cannot read is left out, the rest is still found."""
    data = script.text.encode("utf-8", "replace")
    offsets = None if len(data) == len(script.text) else _character_offsets(script.text)
    reader = _Reader(script, data, offsets)
    reader.visit(_parser().parse(data).root_node)
    return ParsedScript(tuple(reader.invocations), tuple(reader.pipes))


@lru_cache(maxsize=1)
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_bash

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


def _character_offsets(text: str) -> tuple[int, ...]:
    """For each byte offset of the text in UTF-8, the character that holds it; one more for the end."""
    found: list[int] = []
    for index, character in enumerate(text):
        found.extend([index] * len(character.encode("utf-8", "replace")))
    found.append(len(text))
    return tuple(found)


class _Reader:
    """Collects invocations and pipes during one walk over a tree."""

    def __init__(self, script: Script, data: bytes, offsets: tuple[int, ...] | None) -> None:
        self.script = script
        self.data = data
        self.offsets = offsets
        self.invocations: list[Invocation] = []
        self.pipes: list[Span] = []

    def visit(self, root: Node) -> None:
        pending = [root]
        while pending:
            node = pending.pop()
            children = node.children
            if not children:
                continue
            kind = node.type
            if kind == "command":
                self._command(children)
            elif kind == "pipeline":
                self.pipes.extend(self._span(child) for child in children if child.type in ("|", "|&"))
            pending.extend(reversed(children))

    def _command(self, children: list[Node]) -> None:
        name: Node | None = None
        arguments: list[Node] = []
        for child in children:
            if child.type == "command_name":
                name = child
            elif child.type not in _NO_ARGUMENTS and name is not None:
                arguments.append(child)
        if name is None:
            return
        last = arguments[-1] if arguments else name
        self.invocations.append(
            Invocation(
                span=self.script.span(self._at(name.start_byte), self._at(last.end_byte)),
                name=self._word(name)[0],
                name_span=self._span(name),
                arguments=tuple(Argument(self._span(node), *self._word(node)) for node in arguments),
            )
        )

    def _at(self, byte: int) -> int:
        return byte if self.offsets is None else self.offsets[byte]

    def _span(self, node: Node) -> Span:
        return self.script.span(self._at(node.start_byte), self._at(node.end_byte))

    def _text(self, node: Node) -> str:
        return self.script.text[self._at(node.start_byte) : self._at(node.end_byte)]

    def _word(self, node: Node) -> tuple[str, bool]:
        """A word's text with quotes and escapes removed, and whether nothing in it expands."""
        kind = node.type
        if kind == "word":
            text = self._text(node)
            return (_ESCAPE.sub(r"\1", text) if "\\" in text else text), True
        if kind == "raw_string":
            return self._text(node)[1:-1], True
        if kind == "ansi_c_string":
            return self._text(node)[2:-1], True
        if kind == "string":
            text = self._text(node)[1:-1]
            is_static = all(child.type in ('"', "string_content") for child in node.children)
            return (_QUOTED_ESCAPE.sub(r"\1", text) if "\\" in text else text), is_static
        if kind in ("concatenation", "command_name"):
            parts = [self._word(child) for child in node.children]
            return "".join(text for text, _ in parts), all(is_static for _, is_static in parts)
        return self._text(node), kind not in _DYNAMIC
