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


def context_failure(source: Source, span: Span, key: str, value: str, error: DockerlangError) -> BuildFailure:
    """A failure of a named build context, at the place in the Dockerfile that asks for it."""
    step = f"correct --build-context {key}=..."
    diagnostic = Diagnostic(
        "context-failed",
        Severity.ERROR,
        span,
        f"the build context `{key}` cannot be used: {error}",
        f"stands for {value}",
        f"{error.hint}{' Else' if error.hint.endswith('?') else '; else'} {step}" if error.hint else step,
    )
    return BuildFailure(source, (diagnostic,))
