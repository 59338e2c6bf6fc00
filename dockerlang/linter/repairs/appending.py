"""Edits that lengthen the script of a RUN, or put a line above an instruction."""

from __future__ import annotations

import re

from dockerlang.diagnostics import Fix, Safety
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.syntax import nodes
from dockerlang.text import Span

# Behind these a further command would not run when the others have done their work, or not at all.
_NOT_PLAIN = re.compile(r"\|\||;|#|\n|&\s*\Z|\bexit\b|\bexec\b")


def append_command(run: nodes.Run, command: str, file: LintedFile) -> Fix | None:
    """The fix that ends a RUN with `&& command`; None for exec forms, heredocs, and scripts that are more than a chain.

    It is unsafe: what the command deletes is missing in the image.
    """
    shell = run.command
    if not isinstance(shell, nodes.ShellForm) or run.heredocs or _NOT_PLAIN.search(shell.text.rstrip()):
        return None
    at = shell.offsets.span(0, len(shell.text.rstrip())).end
    lines = file.text(Span(run.statement.start, at)).split("\n")
    joint = " "
    if len(lines) > 1:
        indent = lines[-1][: len(lines[-1]) - len(lines[-1].lstrip())]
        joint = f" {file.document.escape}\n{indent}"
    return Fix(f"end it with `{command}`", (Edit(Span(at, at), f"{joint}&& {command}"),), Safety.UNSAFE)


def start_with_comments(instruction: nodes.Instruction, file: LintedFile) -> int:
    """Where the comments right above an instruction begin, which belong to it; else where its own line does."""
    start: int | None = None
    for item in file.document.items:
        if item is instruction:
            break
        if isinstance(item, nodes.Comment):
            start = item.span.start if start is None else start
        else:
            start = None
    return instruction.span.start if start is None else start


def newline_of(file: LintedFile) -> str:
    """The line ending of the file."""
    return "\r\n" if "\r\n" in file.document.source.text else "\n"
