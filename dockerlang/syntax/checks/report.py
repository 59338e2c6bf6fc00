"""How a mistake of syntax is reported."""

from __future__ import annotations

from dockerlang.diagnostics import Diagnostic, Severity
from dockerlang.syntax import nodes
from dockerlang.text import Span

_FORMS = {
    "FROM": "FROM image",
    "ARG": "ARG name=default",
    "ENV": "ENV name=value",
    "LABEL": "LABEL name=value",
    "COPY": "COPY source destination",
    "ADD": "ADD source destination",
    "EXPOSE": "EXPOSE 80",
    "USER": "USER name",
    "WORKDIR": "WORKDIR /path",
    "VOLUME": "VOLUME /path",
    "STOPSIGNAL": "STOPSIGNAL SIGTERM",
    "MAINTAINER": "LABEL maintainer=name",
    "HEALTHCHECK": "HEALTHCHECK CMD command",
    "ONBUILD": "ONBUILD RUN command",
    "SHELL": 'SHELL ["executable", "argument"]',
}


def error(code: str, span: Span, message: str, help: str = "") -> Diagnostic:
    """A mistake."""
    return Diagnostic(code, Severity.ERROR, span, message, help=help)


def warning(code: str, span: Span, message: str, help: str = "") -> Diagnostic:
    """What is allowed and hardly meant."""
    return Diagnostic(code, Severity.WARNING, span, message, help=help)


def too_few(instruction: nodes.Instruction, count: str, span: Span | None = None) -> Diagnostic:
    """An argument is missing; what is underlined is the keyword, or `span`."""
    keyword = instruction.keyword
    name = keyword.text.upper()
    form = f"write `{_FORMS[name]}`" if name in _FORMS else ""
    return error("missing-argument", span or keyword.span, f"{name} requires {count}", form)
