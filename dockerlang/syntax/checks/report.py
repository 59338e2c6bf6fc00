"""How a mistake of syntax is reported."""

from __future__ import annotations

from dockerlang.diagnostics import Diagnostic, Severity
from dockerlang.syntax import nodes
from dockerlang.text import Span


def error(code: str, span: Span, message: str, help: str = "") -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, span, message, help=help)


def too_few(instruction: nodes.Instruction, count: str) -> Diagnostic:
    keyword = instruction.keyword
    return error("missing-argument", keyword.span, f"{keyword.text.upper()} requires {count}")
