"""A build that cannot go on because of what the Dockerfile says: a diagnostic with its source."""

from __future__ import annotations

from dockerlang.diagnostics import Diagnostic, Severity
from dockerlang.errors import DockerlangError
from dockerlang.text import Source, Span


class BuildFailure(DockerlangError):
    """The diagnostics that say where and why; `str()` is the first one's message.

    `exit_code` is the command's where one failed; `output` holds its last lines, `image` the state before the step (an
    image ID, empty where nothing was built).
    """

    def __init__(
        self, source: Source, diagnostics: tuple[Diagnostic, ...], *, output: tuple[str, ...] = (), image: str = ""
    ) -> None:
        super().__init__(diagnostics[0].message)
        self.source = source
        self.diagnostics = diagnostics
        self.output = output
        self.image = image


def failure(source: Source, code: str, span: Span, message: str, help: str = "") -> BuildFailure:
    """A failure at one place."""
    return BuildFailure(source, (Diagnostic(code, Severity.ERROR, span, message, help=help),))
