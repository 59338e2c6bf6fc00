"""Expansion during a build: an error in a word becomes a failure at that word."""

from __future__ import annotations

from collections.abc import Mapping

from dockerlang.builder.failure import BuildFailure, failure
from dockerlang.semantics.expand import ExpansionError, expand, expand_body, expand_words
from dockerlang.syntax import nodes
from dockerlang.text import Source, Span


class Expander:
    """Expands the words of one source; in a trigger of ONBUILD every error is located at `fixed_span`."""

    def __init__(self, source: Source, fixed_span: Span | None = None) -> None:
        self.source = source
        self._fixed_span = fixed_span

    def word(self, word: nodes.Word, environment: Mapping[str, str]) -> str:
        """One word, never split."""
        try:
            return expand(word, environment).text
        except ExpansionError as error:
            raise self.failure("bad-expansion", error.span, error.message, error.help) from None

    def words(self, word: nodes.Word, environment: Mapping[str, str]) -> tuple[str, ...]:
        """The words that one word expands to."""
        try:
            return expand_words(word, environment)
        except ExpansionError as error:
            raise self.failure("bad-expansion", error.span, error.message, error.help) from None

    def body(self, heredoc: nodes.Heredoc, environment: Mapping[str, str]) -> str:
        """The body of a heredoc as a file's content."""
        if not heredoc.does_expand:
            return heredoc.chomped
        try:
            return expand_body(heredoc, environment).text
        except ExpansionError as error:
            raise self.failure("bad-expansion", error.span, error.message, error.help) from None

    def failure(self, code: str, span: Span, message: str, help: str = "") -> BuildFailure:
        """A failure at a place of this source."""
        return failure(self.source, code, self.place(span), message, help)

    def place(self, span: Span) -> Span:
        """Where in this source something is said of a span."""
        return self._fixed_span or span
