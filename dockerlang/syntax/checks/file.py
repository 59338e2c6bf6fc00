"""What is wrong with a file as a whole: its directives, its lines, and that it says nothing."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic
from dockerlang.syntax import nodes
from dockerlang.syntax.checks.report import error

MAX_LINE_BYTES = 65_535


def file_problems(document: nodes.Document) -> Iterator[Diagnostic]:
    text = document.source.text
    if not document.instructions:
        # The reference points at the last line that it read.
        last = document.source.lines.line_of(max(len(text) - 1, 0))
        span = document.source.lines.span_of(last)
        yield error("no-instructions", span, "the file has no instructions", "a Dockerfile begins with FROM")
    seen: set[str] = set()
    for directive in document.directives:
        if directive.name in seen:
            yield error("repeated-directive", directive.name_span, f"the directive `{directive.name}` is given twice")
        elif directive.name == "escape" and directive.value.text not in ("\\", "`"):
            yield error(
                "bad-escape",
                directive.value.span,
                f"`{directive.value.text}` is no escape character",
                "it is either ` or \\, with nothing after it on the line",
            )
        seen.add(directive.name)


def long_lines(document: nodes.Document) -> Iterator[Diagnostic]:
    """The lines that the reference cannot read."""
    text = document.source.text
    if len(text) * 4 <= MAX_LINE_BYTES or max(map(len, document.source.text.split("\n"))) * 4 <= MAX_LINE_BYTES:
        return
    lines = document.source.lines
    for number in range(lines.line_count):
        span = lines.span_of(number)
        if len(span) * 4 <= MAX_LINE_BYTES:
            continue
        length = len(lines.line_text(number).encode("utf-8", "surrogateescape"))
        if length > MAX_LINE_BYTES:
            yield error(
                "line-too-long",
                span,
                f"the line has {length} bytes; at most {MAX_LINE_BYTES} are allowed",
                "break it with a continuation",
            )
