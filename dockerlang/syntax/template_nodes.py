"""The tree of a Go template: what was written, and where. Spans are ranges of the template's text, in code points."""

from __future__ import annotations

from collections.abc import Mapping

from dockerlang.records import record
from dockerlang.text import Span


@record
class Text:
    """What is printed as it is; white space that trim markers took away is gone already."""

    text: str


@record
class Dot:
    """`.`, the value that the template is at."""

    span: Span


@record
class Field:
    """`.Name.Name`, a path down from the value that the template is at."""

    span: Span
    path: tuple[str, ...]


@record
class Variable:
    """`$name.Name`; the name is empty for `$`, the value that the template began with."""

    span: Span
    name: str
    path: tuple[str, ...]


@record
class Function:
    """The name of a function."""

    span: Span
    name: str


@record
class Constant:
    """A string, a number, a character (as its code point), true, false, or nil as None."""

    span: Span
    value: str | int | float | bool | None


@record
class Group:
    """`(pipeline).Name`: a path down from what a pipeline gives."""

    span: Span
    pipeline: Pipeline
    path: tuple[str, ...]


Operand = Dot | Field | Variable | Function | Constant | Group


@record
class Command:
    """Operands in a row: a value, or a function with its arguments."""

    span: Span
    operands: tuple[Operand, ...]


@record
class Pipeline:
    """Commands of which each gets the value of the one before as its last argument.

    `variables` are the names that the value is given; `declares` tells `:=` from `=`.
    """

    span: Span
    commands: tuple[Command, ...]
    variables: tuple[str, ...] = ()
    declares: bool = False


@record
class Action:
    """`{{pipeline}}`: the value is printed, unless a variable takes it."""

    pipeline: Pipeline


@record
class If:
    """`{{if}}`, or `{{else if}}` as the only node of `otherwise`."""

    pipeline: Pipeline
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


@record
class With:
    """`{{with}}`: the body is at the pipeline's value, if that is not empty."""

    pipeline: Pipeline
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


@record
class Range:
    """`{{range}}`: the body once for each item; `otherwise` where there is none."""

    pipeline: Pipeline
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


@record
class Break:
    """`{{break}}`: ends the innermost range."""


@record
class Continue:
    """`{{continue}}`: goes on with the innermost range's next item."""


@record
class Call:
    """`{{template "name" pipeline}}`, or the place of a `{{block}}`: the nodes defined under that name.

    They are at the pipeline's value, or at nothing where there is no pipeline. `span` is that of the name.
    """

    span: Span
    name: str
    pipeline: Pipeline | None


Node = Text | Action | If | With | Range | Break | Continue | Call


@record
class Template:
    """A whole template; `source` is what the spans are ranges of, `definitions` are those of `define` and `block`."""

    source: str
    nodes: tuple[Node, ...]
    definitions: Mapping[str, tuple[Node, ...]]
