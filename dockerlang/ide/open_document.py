"""A document that an editor has open: one version of its text, its tree, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from dockerlang.diagnostics import Diagnostic
from dockerlang.ide.editor_text import EditorLines, difference
from dockerlang.ide.shell_findings import ShellFindings
from dockerlang.linter import Settings, Surroundings
from dockerlang.linter.kept import Block, KeptFindings
from dockerlang.syntax import nodes
from dockerlang.syntax.reparse import reparse
from dockerlang.text import LineIndex, Source


@dataclass(eq=False)
class OpenDocument:
    """One version of an open document.

    `kept` is what the linter remembers of the versions before, None where it has not been asked. `shell` are findings
    that come later than those of the linter, and are carried over from the version before until then.
    """

    uri: str
    version: int | None
    tree: nodes.Document
    shell: ShellFindings
    kept: KeptFindings | None = field(default=None, repr=False)
    _blocks: tuple[Block, ...] | None = field(default=None, repr=False)

    @staticmethod
    def of(uri: str, version: int | None, tree: nodes.Document) -> OpenDocument:
        """A document of which nothing but its tree is known."""
        return OpenDocument(uri, version, tree, ShellFindings(tree))

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
        tree = reparse(self.tree, edit)
        return OpenDocument(self.uri, version, tree, self.shell.carried_over(tree, edit), self.kept)

    def forget_findings(self) -> None:
        """Find everything anew when it is asked for the next time."""
        self.kept = self._blocks = None
        self.shell = ShellFindings(self.tree)

    def take_shell_findings(self, found: Sequence[Diagnostic]) -> None:
        """What the slow check has found in this version."""
        self.shell = ShellFindings(self.tree, found)

    def blocks(self, settings: Settings, surroundings: Surroundings) -> tuple[Block, ...]:
        """What is wrong with it as far as it is known yet; found once for each version."""
        if self._blocks is None:
            if self.kept is None:
                self.kept = KeptFindings(settings, surroundings)
            self._blocks = self.kept.find(self.tree)
        return self._blocks + self.shell.blocks


def in_order(blocks: Sequence[Block]) -> tuple[Diagnostic, ...]:
    """The findings of the blocks in the order of their places."""
    found = (finding for block in blocks for finding in block.findings)
    return tuple(sorted(found, key=lambda diagnostic: (diagnostic.span, diagnostic.code)))
