"""Reads Go's templates: from text to the nodes of `template_nodes`.

Trim markers are applied here. That names of functions and variables exist is checked here, too, as in Go, so that a
template that can be read can only fail over its data.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from dockerlang.syntax import go_literals
from dockerlang.syntax import template_nodes as nodes
from dockerlang.syntax.grammar import GrammarError, NestingError, parse_template_tree
from dockerlang.syntax.tokens import Token, Tree
from dockerlang.text import Span

_SPACE = " \t\r\n"
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "nil": None}
_KEYWORDS = frozenset(
    {"if", "else", "end", "range", "with", "break", "continue", "define", "template", "block"},
)


class TemplateError(Exception):
    """A template that cannot be read; `offset` is where, in code points from its start."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset


def parse_template(text: str, functions: Collection[str]) -> nodes.Template:
    """The tree of a template that may use these functions; raises TemplateError."""
    try:
        tree = parse_template_tree(text)
    except NestingError:
        raise TemplateError(0, "the template is nested too deeply") from None
    except GrammarError as error:
        raise TemplateError(*_explain(text, error)) from None
    reader = _Reader(text, functions)
    return nodes.Template(text, reader.read_all(tree.children), reader.definitions)


class _Reader:
    """Turns the children of one template's tree into nodes, with the variables that are known at each place."""

    def __init__(self, text: str, functions: Collection[str]) -> None:
        self._text = text
        self._functions = functions
        self.definitions: dict[str, tuple[nodes.Node, ...]] = {}
        self._variables = [""]
        self._ranges = 0
        self._depth = 0

    def read_all(self, children: Sequence[Tree | Token]) -> tuple[nodes.Node, ...]:
        """Read a whole template, where definitions may stand."""
        self._depth = -1
        return self.read(children)

    def read(self, children: Sequence[Tree | Token]) -> tuple[nodes.Node, ...]:
        known = len(self._variables)
        self._depth += 1
        read = [node for child in children for node in self._node(child)]
        self._depth -= 1
        del self._variables[known:]
        return tuple(read)

    def _node(self, child: Tree | Token) -> list[nodes.Node]:
        if isinstance(child, Token):
            text = self._trimmed(child) if child.type == "TEXT" else ""
            return [nodes.Text(text)] if text else []
        match child.data:
            case "action":
                return [nodes.Action(self._pipeline(_tree(child.children[1]), takes_two=False))]
            case "if" | "else_if":
                return [nodes.If(*self._block(child))]
            case "with" | "else_with":
                return [nodes.With(*self._block(child))]
            case "range":
                return [nodes.Range(*self._block(child))]
            case "define":
                if self._depth:
                    raise TemplateError(_token(child.children[1]).start, "unexpected {{define}}: it stands in a block")
                self._define(child)
                return []
            case "call" | "block":
                call = self._call(child)
                if child.data == "block":
                    self._define(child)
                return [call]
        if not self._ranges:
            raise TemplateError(_token(child.children[0]).start, f"{{{{{child.data}}}}} outside {{{{range}}}}")
        return [nodes.Break() if child.data == "break" else nodes.Continue()]

    def _block(self, tree: Tree) -> tuple[nodes.Pipeline, tuple[nodes.Node, ...], tuple[nodes.Node, ...]]:
        _, pipeline_tree, _, *body, last = tree.children
        is_range = tree.data == "range"
        known = len(self._variables)
        pipeline = self._pipeline(_tree(pipeline_tree), takes_two=is_range)
        self._ranges += is_range
        read = self.read(body)
        self._ranges -= is_range
        rest = _tree(last)
        if rest.data == "else":
            otherwise = self.read(rest.children[2:-1])
        else:
            otherwise = () if rest.data == "end" else self.read([rest])
        del self._variables[known:]
        return pipeline, read, otherwise

    def _call(self, tree: Tree) -> nodes.Call:
        name, given = _token(tree.children[1]), tree.children[2]
        pipeline = self._pipeline(given, takes_two=False) if isinstance(given, Tree) else None
        return nodes.Call(Span(name.start, name.end), str(_literal(name)), pipeline)

    def _define(self, tree: Tree) -> None:
        """Read the body of a definition, which sees nothing of the variables and ranges around it."""
        name = _token(tree.children[1])
        around = self._variables, self._ranges, self._depth
        self._variables, self._ranges, self._depth = [""], 0, 0
        body = self.read(tree.children[4 if tree.data == "block" else 3 : -1])
        self._variables, self._ranges, self._depth = around
        key = str(_literal(name))
        known = self.definitions.get(key, ())
        if not _is_blank(body) or key not in self.definitions:
            if not _is_blank(known):
                raise TemplateError(name.start, f"multiple definition of template {name.text}")
            self.definitions[key] = body

    def _trimmed(self, token: Token) -> str:
        """The text without the white space that the actions beside it take away."""
        text = token.text
        if self._text.startswith("{{-", token.end) and self._text[token.end + 3 : token.end + 4].strip(_SPACE) == "":
            text = text.rstrip(_SPACE)
        if self._text.endswith("-}}", 0, token.start) and self._text[token.start - 4] in _SPACE:
            text = text.lstrip(_SPACE)
        return text

    def _pipeline(self, tree: Tree, *, takes_two: bool) -> nodes.Pipeline:
        declaration, *trees = tree.children
        names: tuple[Token, ...] = ()
        operator = ""
        if _tree(declaration).data == "declaration":
            *found, last = map(_token, _tree(declaration).children)
            names, operator = tuple(found), last.text
        else:
            trees = [declaration, *trees]
        for name in names:
            if "." in name.text or name.text == "$":
                raise TemplateError(name.start, f"{name.text} cannot be given a value")
            if operator == "=" and name.text[1:] not in self._variables:
                raise TemplateError(name.start, f'undefined variable "{name.text}"')
        if len(names) > 1 and not takes_two:
            raise TemplateError(names[1].start, "too many declarations: only range gives two values")
        commands = tuple(self._command(_tree(child)) for child in trees)
        for command in commands[1:]:
            if not isinstance(command.operands[0], nodes.Function):
                raise TemplateError(command.span.start, "non executable command in pipeline")
        variables = tuple(name.text[1:] for name in names)
        if operator == ":=":
            self._variables += variables
        span = Span(names[0].start if names else commands[0].span.start, commands[-1].span.end)
        return nodes.Pipeline(span, commands, variables, operator == ":=")

    def _command(self, tree: Tree) -> nodes.Command:
        operands = tuple(self._operand(child) for child in tree.children)
        first = operands[0]
        if isinstance(first, nodes.Constant) and first.value is None:
            raise TemplateError(first.span.start, "nil is not a command")
        if len(operands) > 1 and not isinstance(first, nodes.Function):
            raise TemplateError(operands[1].span.start, "can't give arguments to what is not a function")
        return nodes.Command(Span(first.span.start, operands[-1].span.end), operands)

    def _operand(self, child: Tree | Token) -> nodes.Operand:
        if isinstance(child, Tree):
            pipeline, end = _tree(child.children[0]), _token(child.children[1])
            inner = self._pipeline(pipeline, takes_two=False)
            start = self._text.rindex("(", 0, inner.span.start)
            return nodes.Group(Span(start, end.end), inner, _path(end.text[1:]))
        span = Span(child.start, child.end)
        match child.type:
            case "DOT":
                return nodes.Dot(span)
            case "FIELD":
                return nodes.Field(span, _path(child.text))
            case "VARIABLE":
                name, _, rest = child.text[1:].partition(".")
                if name not in self._variables:
                    raise TemplateError(child.start, f'undefined variable "${name}"')
                return nodes.Variable(span, name, _path(rest))
            case "FUNCTION":
                return self._word(child, span)
        return nodes.Constant(span, _literal(child))

    def _word(self, token: Token, span: Span) -> nodes.Operand:
        if token.text in _WORDS:
            return nodes.Constant(span, _WORDS[token.text])
        if token.text in _KEYWORDS:
            raise TemplateError(token.start, f"unexpected {{{{{token.text}}}}}")
        if token.text not in self._functions:
            raise TemplateError(token.start, f'function "{token.text}" not defined')
        return nodes.Function(span, token.text)


def _literal(token: Token) -> str | int | float:
    try:
        match token.type:
            case "NUMBER":
                return go_literals.number(token.text)
            case "RAW_STRING":
                return token.text[1:-1].replace("\r", "")
            case "STRING":
                return go_literals.unquote(token.text)
        character = go_literals.unquote(token.text)
        if len(character) != 1:
            raise ValueError("it is not one character")
        return ord(character)
    except ValueError as error:
        raise TemplateError(token.start, f"bad literal {token.text}: {error}") from None


def _explain(text: str, error: GrammarError) -> tuple[int, str]:
    """Where a template stops making sense, and why."""
    rest = text[error.offset :]
    opened = text.rfind("{{", 0, error.offset + 1)
    closed = text.rfind("}}", 0, error.offset)
    if not rest.strip():
        return (opened, "unclosed action") if opened > closed else (len(text), "unexpected end: {{end}} is missing")
    if rest[0] in "\"'`":
        return error.offset, "unterminated or misplaced string"
    word = rest.split(maxsplit=1)[0].partition("}}")[0] or "}}"
    if word == "}}":
        return error.offset, "missing value"
    return error.offset, f"unexpected {word!r}"


def _is_blank(body: tuple[nodes.Node, ...]) -> bool:
    """Whether a definition says nothing; such a one does not stand in the way of another."""
    return all(isinstance(node, nodes.Text) and not node.text.strip() for node in body)


def _path(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(".")))


def _tree(child: Tree | Token) -> Tree:
    assert isinstance(child, Tree)
    return child


def _token(child: Tree | Token) -> Token:
    assert isinstance(child, Token)
    return child
