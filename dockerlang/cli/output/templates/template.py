"""The door to templates: reading one, and filling it."""

from __future__ import annotations

from dockerlang.cli.output.templates.errors import TemplateSyntaxError
from dockerlang.cli.output.templates.evaluation import Strictness, render
from dockerlang.cli.output.templates.functions import FUNCTIONS, HEADING_FUNCTIONS, SHORT_CIRCUITS
from dockerlang.cli.output.templates.values import Value
from dockerlang.syntax import template_nodes as nodes


class Template:
    """A template that has been read; made by `parse_template`."""

    def __init__(self, tree: nodes.Template) -> None:
        self._tree = tree

    def fill(self, value: Value) -> str:
        """The text for a row or document; TemplateFieldError where it asks for what is not there."""
        return render(self._tree, value, FUNCTIONS)

    def headings(self, headings: Value) -> str:
        """The text for a table's first line: made of headings in place of values, which functions leave alone."""
        return render(self._tree, headings, HEADING_FUNCTIONS, Strictness.NO_VALUE)


def parse_template(text: str) -> Template:
    """The template in `text`; TemplateSyntaxError with line and column where it cannot be read."""
    from dockerlang.syntax import template

    try:
        return Template(template.parse_template(text, FUNCTIONS.keys() | SHORT_CIRCUITS))
    except template.TemplateError as error:
        line = text.count("\n", 0, error.offset) + 1
        start = text.rfind("\n", 0, error.offset) + 1
        column = error.offset - start + 1
        shown = text[start:].partition("\n")[0]
        raise TemplateSyntaxError(
            f"template parsing error: template: :{line}:{column}: {error}",
            hint=f"{shown.expandtabs(1)}\n        {' ' * (column - 1)}^",
        ) from None
