"""The documents that the editor has open, and what is wrong with each of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from lsprotocol import types

from dockerlang.diagnostics import Diagnostic
from dockerlang.ide.carried import carried_over
from dockerlang.linter import Surroundings, lint, shell_findings
from dockerlang.linter.shellcheck import ShellCheck
from dockerlang.semantics.ignore import read_ignore
from dockerlang.syntax import nodes, parse, problems
from dockerlang.text import LineIndex, Source, decode
from dockerlang_lsp.capabilities import Client, ServerSettings
from dockerlang_lsp.from_lsp import EditorLines, apply_changes, name_of, well_formed


@dataclass(eq=False)
class OpenDocument:
    """One version of an open document.

    `lint_findings` are None until they are asked for. `shell_findings` come later than those and are carried over from
    the version before until then. `check_seconds` is how long the last check took.
    """

    uri: str
    version: int | None
    source: Source
    shell_findings: tuple[Diagnostic, ...] = ()
    check_seconds: float = 0.0
    lint_findings: tuple[Diagnostic, ...] | None = None

    @cached_property
    def tree(self) -> nodes.Document:
        """The parsed text."""
        return parse(self.source)

    @cached_property
    def lines(self) -> LineIndex:
        """The lines as the protocol counts them."""
        return EditorLines(self.source.text)


ShellCheckOf = Callable[[OpenDocument], tuple[Diagnostic, ...]]


@dataclass
class Session:
    """All that changes while the server runs."""

    client: Client = field(default_factory=Client)
    settings: ServerSettings = field(default_factory=ServerSettings)
    documents: dict[str, OpenDocument] = field(default_factory=dict)

    def open(self, uri: str, version: int | None, text: str) -> OpenDocument:
        """Take over a document; one that is open already is replaced."""
        document = OpenDocument(uri, version, Source(name_of(uri), well_formed(text)))
        self.documents[uri] = document
        return document

    def change(
        self, uri: str, version: int | None, changes: Sequence[types.TextDocumentContentChangeEvent]
    ) -> OpenDocument | None:
        """The new version of a document; None where it is not open."""
        old = self.documents.get(uri)
        if old is None:
            return None
        text = apply_changes(old.source.text, changes, self.client.encoding)
        findings = carried_over(old.shell_findings, old.source.text, text)
        document = OpenDocument(uri, version, replace(old.source, text=text), findings, old.check_seconds)
        self.documents[uri] = document
        return document

    def close(self, uri: str) -> None:
        """Forget a document."""
        self.documents.pop(uri, None)

    def findings(self, document: OpenDocument) -> tuple[Diagnostic, ...]:
        """What is wrong with a document, in the order of places, as far as it is known yet."""
        if not self.settings.does_lint:
            return problems(document.tree)
        if document.lint_findings is None:
            start = time.perf_counter()
            document.lint_findings = lint(document.tree, surroundings=surroundings_of(document.source.name))
            document.check_seconds = time.perf_counter() - start
        found = document.lint_findings + (document.shell_findings if self.settings.does_check_shell else ())
        return tuple(sorted(found, key=lambda diagnostic: (diagnostic.span, diagnostic.code)))

    def shell_check(self) -> ShellCheckOf | None:
        """A slow function, for a thread, that checks a document's scripts; None where it is not wanted or possible."""
        checker = ShellCheck.find() if self.settings.does_lint and self.settings.does_check_shell else None
        if checker is None:
            return None
        return lambda document: shell_findings(document.tree, checker)


def surroundings_of(name: str) -> Surroundings:
    """What the linter may know beyond the text: the ignore file, with the Dockerfile's folder taken as the context."""
    path = Path(name)
    if not path.is_absolute():
        return Surroundings()
    for candidate in (path.with_name(f"{path.name}.dockerignore"), path.with_name(".dockerignore")):
        try:
            return Surroundings(ignore_file=read_ignore(decode(candidate.read_bytes()), candidate.name))
        except (OSError, ValueError):
            continue
    return Surroundings()
