"""The text that a shell reads when a RUN is executed, and the way back from it to the Dockerfile."""

from __future__ import annotations

from dockerlang.records import record
from dockerlang.semantics.scripts.invocation import Argument, Invocation
from dockerlang.syntax import nodes
from dockerlang.syntax.lines import OffsetMap
from dockerlang.text import Span


@record
class Script:
    """A shell script inside an instruction; `offsets` leads from its text to the source.

    `interpreter` is the first line's `#!` command of a heredoc script, empty where the stage's shell reads it.
    """

    text: str
    offsets: OffsetMap
    interpreter: str = ""

    @property
    def interpreter_name(self) -> str:
        """The program that the `#!` line names, without its folder and without `env`; empty where there is none."""
        words = self.interpreter.split()
        if words and words[0].endswith("/env"):
            words = [word for word in words[1:] if not word.startswith("-")]
        return words[0].rpartition("/")[2] if words else ""

    def span(self, start: int, end: int) -> Span:
        """The source span of `[start, end)` of the text."""
        return self.offsets.span(start, end)

    def is_contiguous(self, start: int, end: int) -> bool:
        """Whether `[start, end)` stands in one piece in the source: no continuation inside it."""
        return len(self.offsets.span(start, end)) == end - start


def script_of(run: nodes.Run) -> Script | None:
    """What the shell reads of a RUN; None for the exec form and where the command is missing.

    A heredoc that makes up the whole command is the script itself; others follow the line, as BuildKit rebuilds them.
    """
    if not isinstance(run.command, nodes.ShellForm):
        return None
    if run.script is not None:
        return _heredoc_script(run.script)
    if run.heredocs:
        return _line_with_heredocs(run.command, run.heredocs)
    return Script(run.command.text, run.command.offsets)


def exec_invocation(command: nodes.ExecForm) -> Invocation | None:
    """The one command that an exec form starts; None for the empty array."""
    if not command.elements:
        return None
    name, *arguments = command.elements
    return Invocation(
        span=command.span,
        name=name.text,
        name_span=name.span,
        arguments=tuple(Argument(element.span, element.text, is_static=True) for element in arguments),
        is_exec_form=True,
    )


def _heredoc_script(heredoc: nodes.Heredoc) -> Script:
    text, offsets = _body(heredoc)
    interpreter = text[2:].partition("\n")[0].strip() if text.startswith("#!") else ""
    return Script(text, OffsetMap(*_columns(offsets)), interpreter)


def _line_with_heredocs(command: nodes.ShellForm, heredocs: tuple[nodes.Heredoc, ...]) -> Script:
    parts = list(zip(command.offsets.joined, command.offsets.source, strict=True))
    text = command.text
    for heredoc in heredocs:
        # The line ending before the body stands right before it in the source.
        parts.append((len(text), heredoc.body_span.start - 1))
        text += "\n"
        parts.append((len(text), heredoc.body_span.start))
        text += heredoc.content
        if heredoc.end_span is not None:
            end = heredoc.end_span
            tabs = len(end) - len(heredoc.delimiter)
            parts.append((len(text), end.start + tabs))
            text += heredoc.delimiter
    return Script(text, OffsetMap(*_columns(parts)))


def _body(heredoc: nodes.Heredoc) -> tuple[str, list[tuple[int, int]]]:
    """A heredoc's body as the shell reads it, and where its parts stand."""
    start = heredoc.body_span.start
    if not heredoc.does_chomp:
        return heredoc.content, [(0, start)]
    text = ""
    parts: list[tuple[int, int]] = []
    for line in heredoc.content.splitlines(keepends=True):
        chomped = line.lstrip("\t")
        parts.append((len(text), start + len(line) - len(chomped)))
        text += chomped
        start += len(line)
    return text, parts or [(0, start)]


def _columns(parts: list[tuple[int, int]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The two columns of an `OffsetMap`; of parts that begin at one offset the last holds."""
    last = dict(parts)
    return tuple(last), tuple(last.values())
