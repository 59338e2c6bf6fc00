"""A build that cannot go on because of what the Dockerfile says: a diagnostic with its source."""

from __future__ import annotations

from collections.abc import Mapping

from dockerlang.diagnostics import Diagnostic, Severity
from dockerlang.errors import DockerlangError
from dockerlang.text import Source, Span


class BuildFailure(DockerlangError):
    """The diagnostics that say where and why; `str()` is the first one's message.

    `output` holds the last lines of the command that failed, `image` the state before its step and `failed_image` that
    at the moment of its failure (image IDs, empty where there is none). `build` is the ID of the build's record,
    `step_images` has the images of its steps by the digests of their vertices. `status` is the exit code of the
    command, None where not a command has failed.
    """

    def __init__(
        self,
        source: Source,
        diagnostics: tuple[Diagnostic, ...],
        *,
        output: tuple[str, ...] = (),
        image: str = "",
        failed_image: str = "",
        status: int | None = None,
    ) -> None:
        super().__init__(diagnostics[0].message)
        self.source = source
        self.diagnostics = diagnostics
        self.output = output
        self.image = image
        self.failed_image = failed_image
        self.status = status
        self.build = ""
        self.step_images: Mapping[str, tuple[str, ...]] = {}


def failure(source: Source, code: str, span: Span, message: str, help: str = "") -> BuildFailure:
    """A failure at one place."""
    return BuildFailure(source, (Diagnostic(code, Severity.ERROR, span, message, help=help),))
