"""A document that an editor has open: one version of its text, its tree, and what is wrong with it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from dockerlang.diagnostics import Diagnostic
from dockerlang.ide.carried import carried_over
from dockerlang.ide.editor_text import EditorLines, difference
from dockerlang.linter import Settings, Surroundings, lint
from dockerlang.syntax import nodes
from dockerlang.syntax.reparse import reparse
from dockerlang.text import LineIndex, Source


@dataclass(eq=False)
class OpenDocument:
    """One version of an open document.

    `lint_findings` are None until they are asked for. `shell_findings` come later than those and are carried over from
    the version before until then. `check_seconds` is how long the last check took.
    """

    uri: str
    version: int | None
    tree: nodes.Document
    shell_findings: tuple[Diagnostic, ...] = ()
    check_seconds: float = 0.0
    lint_findings: tuple[Diagnostic, ...] | None = field(default=None, repr=False)

    @property
    def source(self) -> Source:
        """The text and its name."""
        return self.tree.source

    @cached_property
    def lines(self) -> LineIndex:
        """The lines as editors count them."""
        return EditorLines(self.source.text)

    def changed(self, version: int | None, text: str) -> OpenDocument:
        """The next version; only what differs is parsed again."""
        edit = difference(self.source.text, text)
        findings = carried_over(self.shell_findings, edit)
        return OpenDocument(self.uri, version, reparse(self.tree, edit), findings, self.check_seconds)

    def findings(self, settings: Settings, surroundings: Surroundings) -> tuple[Diagnostic, ...]:
        """What is wrong with it as far as it is known yet, in the order of places; found once for each version."""
        if self.lint_findings is None:
            start = time.perf_counter()
            self.lint_findings = lint(self.tree, settings, surroundings)
            self.check_seconds = time.perf_counter() - start
        return in_order(self.lint_findings + self.shell_findings)


def in_order(found: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The findings in the order of their places."""
    return tuple(sorted(found, key=lambda diagnostic: (diagnostic.span, diagnostic.code)))
