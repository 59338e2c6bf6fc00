"""What can be wrong with a template: how it is written, or that it does not fit what it is filled from."""

from __future__ import annotations

from dockerlang.errors import DockerlangError


class TemplateSyntaxError(DockerlangError):
    """A template that cannot be read."""

    exit_code = 64


class TemplateFieldError(DockerlangError):
    """A template that asks for what is not there, or calls a function with what it cannot use."""


class FunctionError(Exception):
    """A function that cannot work with its arguments; the template's place is added by the evaluation."""
