"""Fills a template: walks its nodes and gives the text that they print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum, auto

from dockerlang.cli.output.templates.errors import FunctionError, TemplateFieldError
from dockerlang.cli.output.templates.functions import SHORT_CIRCUITS, TemplateFunction
from dockerlang.cli.output.templates.values import Missing, Nothing, Value, as_text, is_true, kind_of
from dockerlang.syntax import template_nodes as nodes
from dockerlang.text import Span


class Strictness(Enum):
    """What a name means that a map does not have."""

    ERROR = auto()
    NO_VALUE = auto()


class _Break(Exception):
    """`{{break}}` on its way to its range."""


class _Continue(Exception):
    """`{{continue}}` on its way to its range."""


def render(
    template: nodes.Template,
    value: Value,
    functions: Mapping[str, TemplateFunction],
    strictness: Strictness = Strictness.ERROR,
) -> str:
    """The template filled from `value`; raises TemplateFieldError with the place of what does not fit."""
    evaluation = _Evaluation(template, value, functions, strictness)
    try:
        evaluation.walk(template.nodes, value)
    except RecursionError:
        raise TemplateFieldError("template: exceeded maximum template depth") from None
    return "".join(evaluation.output)


class _Evaluation:
    """One walk over a template: what it has printed, and its variables, the innermost last."""

    def __init__(
        self,
        template: nodes.Template,
        root: Value,
        functions: Mapping[str, TemplateFunction],
        strictness: Strictness,
    ) -> None:
        self.output: list[str] = []
        self._template = template
        self._functions = functions
        self._strictness = strictness
        self._variables: list[tuple[str, Value]] = [("", root)]

    def walk(self, body: Sequence[nodes.Node], dot: Value) -> None:
        known = len(self._variables)
        try:
            for node in body:
                self._node(node, dot)
        finally:
            del self._variables[known:]

    def _node(self, node: nodes.Node, dot: Value) -> None:
        match node:
            case nodes.Text(text):
                self.output.append(text)
            case nodes.Action(pipeline):
                value = self._pipeline(pipeline, dot)
                if not pipeline.variables:
                    self.output.append(as_text(value))
            case nodes.If() | nodes.With():
                self._choice(node, dot)
            case nodes.Range():
                self._range(node, dot)
            case nodes.Break():
                raise _Break
            case nodes.Continue():
                raise _Continue
            case nodes.Call():
                self._defined(node, dot)

    def _defined(self, call: nodes.Call, dot: Value) -> None:
        """What a template of another name prints; of what is known around it, it gets the pipeline's value alone."""
        body = self._template.definitions.get(call.name)
        if body is None:
            raise self._error(call.span, f'template "{call.name}" not defined')
        known = len(self._variables)
        value = None if call.pipeline is None else self._pipeline(call.pipeline, dot)
        around, self._variables = self._variables, [("", value)]
        self.walk(body, value)
        self._variables = around
        del self._variables[known:]

    def _choice(self, node: nodes.If | nodes.With, dot: Value) -> None:
        known = len(self._variables)
        value = self._pipeline(node.pipeline, dot)
        if is_true(value):
            self.walk(node.body, value if isinstance(node, nodes.With) else dot)
        else:
            self.walk(node.otherwise, dot)
        del self._variables[known:]

    def _range(self, node: nodes.Range, dot: Value) -> None:
        known = len(self._variables)
        value = self._pipeline(node.pipeline, dot, assigns=False)
        pipeline = node.pipeline
        is_empty = True
        for key, item in self._items(value, pipeline.span):
            is_empty = False
            given = {1: (item,), 2: (key, item)}.get(len(pipeline.variables), ())
            for name, part in zip(pipeline.variables, given, strict=True):
                self._assign(name, part, declares=pipeline.declares)
            try:
                self.walk(node.body, item)
            except _Continue:
                pass
            except _Break:
                break
            finally:
                del self._variables[known:]
        if is_empty:
            self.walk(node.otherwise, dot)

    def _items(self, value: Value, span: Span) -> Iterator[tuple[Value, Value]]:
        """What a range goes over: maps in the order of their keys, numbers from 0."""
        if isinstance(value, Mapping):
            yield from sorted(value.items())
        elif isinstance(value, list | tuple):
            yield from enumerate(value)
        elif isinstance(value, int) and not isinstance(value, bool):
            yield from ((number, number) for number in range(value))
        elif value is not None and not isinstance(value, Nothing | Missing):
            raise self._error(span, f"range can't iterate over {as_text(value)}")

    def _pipeline(self, pipeline: nodes.Pipeline, dot: Value, *, assigns: bool = True) -> Value:
        piped: tuple[Value, ...] = ()
        for command in pipeline.commands:
            piped = (self._command(command, dot, piped),)
        if assigns:
            for name in pipeline.variables:
                self._assign(name, piped[0], declares=pipeline.declares)
        return piped[0]

    def _assign(self, name: str, value: Value, *, declares: bool) -> None:
        if declares:
            self._variables.append((name, value))
            return
        place = max(place for place, variable in enumerate(self._variables) if variable[0] == name)
        self._variables[place] = (name, value)

    def _command(self, command: nodes.Command, dot: Value, piped: tuple[Value, ...]) -> Value:
        first, *rest = command.operands
        if isinstance(first, nodes.Function):
            return self._call(first, rest, dot, piped)
        return self._operand(first, dot)

    def _operand(self, operand: nodes.Operand, dot: Value) -> Value:
        match operand:
            case nodes.Dot():
                return dot
            case nodes.Field(span, path):
                return self._follow(dot, path, span)
            case nodes.Variable(span, name, path):
                value = next(value for known, value in reversed(self._variables) if known == name)
                return self._follow(value, path, span)
            case nodes.Group(span, pipeline, path):
                return self._follow(self._pipeline(pipeline, dot), path, span)
            case nodes.Constant(value=value):
                return value
            case nodes.Function():
                return self._call(operand, [], dot, ())

    def _call(
        self, function: nodes.Function, operands: Sequence[nodes.Operand], dot: Value, piped: tuple[Value, ...]
    ) -> Value:
        count = len(operands) + len(piped)
        if function.name in SHORT_CIRCUITS:
            if not count:
                raise self._error(function.span, f"wrong number of args for {function.name}: want at least 1 got 0")
            return self._short_circuit(function.name == "or", operands, dot, piped)
        known = self._functions[function.name]
        if not known.least <= count <= known.most:
            wanted = str(known.least) if known.least == known.most else f"at least {known.least}"
            raise self._error(function.span, f"wrong number of args for {function.name}: want {wanted} got {count}")
        arguments = [self._operand(operand, dot) for operand in operands] + list(piped)
        try:
            return known.call(*arguments)
        except FunctionError as error:
            raise self._error(function.span, f"error calling {function.name}: {error}") from None

    def _short_circuit(
        self, stops_at: bool, operands: Sequence[nodes.Operand], dot: Value, piped: tuple[Value, ...]
    ) -> Value:
        """The first value that is as true as `stops_at` says, or the last one."""
        value: Value = None
        for operand in operands:
            value = self._operand(operand, dot)
            if is_true(value) is stops_at:
                return value
        return piped[0] if piped else value

    def _follow(self, value: Value, path: tuple[str, ...], span: Span) -> Value:
        for name in path:
            if isinstance(value, Mapping) and name in value:
                value = value[name]
            elif isinstance(value, Mapping) or value is Nothing.MAP:
                if self._strictness is Strictness.ERROR:
                    raise self._error(span, f'map has no entry for key "{name}"')
                value = Missing.KEY
            elif value is None or isinstance(value, Missing):
                raise self._error(span, f"nil data; no entry for key {name!r}")
            else:
                raise self._error(span, f"can't evaluate field {name} in type {kind_of(value)}")
        return value

    def _error(self, span: Span, message: str) -> TemplateFieldError:
        source = self._template.source
        line = source.count("\n", 0, span.start) + 1
        column = span.start - (source.rfind("\n", 0, span.start) + 1) + 1
        written = source[span.start : span.end]
        return TemplateFieldError(f'template: :{line}:{column}: executing "" at <{written}>: {message}')
