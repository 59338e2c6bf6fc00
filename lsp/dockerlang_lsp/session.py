"""The documents that the editor has open, and what is wrong with each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from lsprotocol import types

from dockerlang.config.settings_around import settings_around
from dockerlang.config.surroundings import surroundings_of
from dockerlang.diagnostics import Diagnostic
from dockerlang.edits import Edit
from dockerlang.ide.editor_text import difference, name_of, well_formed
from dockerlang.ide.open_document import OpenDocument, in_order
from dockerlang.ide.packed_tokens import PackedTokens
from dockerlang.ide.preferences import Preferences
from dockerlang.linter import Settings, Surroundings, fix_text, lint, shell_findings
from dockerlang.linter.kept import Block
from dockerlang.linter.shellcheck import ShellCheck
from dockerlang.syntax import parse, problems
from dockerlang.text import Source
from dockerlang_lsp.capabilities import Client
from dockerlang_lsp.encoded import Encoded, EncodedAnswers
from dockerlang_lsp.from_lsp import apply_changes
from dockerlang_lsp.to_lsp import Dialect

_NOTHING = (Settings(), Surroundings())

ShellCheckOf = Callable[[OpenDocument], tuple[Diagnostic, ...]]


@dataclass
class Session:
    """All that changes while the server runs.

    `surroundings` holds what was read for each folder or file on disk; `pulled` the documents whose findings the client
    asks for, with the version that it has asked about last.
    """

    client: Client = field(default_factory=Client)
    settings: Preferences = field(default_factory=Preferences)
    documents: dict[str, OpenDocument] = field(default_factory=dict)
    surroundings: dict[str, tuple[Settings, Surroundings]] = field(default_factory=dict)
    pulled: dict[str, int | None] = field(default_factory=dict)
    _answers: dict[str, EncodedAnswers] = field(default_factory=dict)

    def open(self, uri: str, version: int | None, text: str) -> OpenDocument:
        """Take over a document; one that is open already is replaced."""
        document = OpenDocument.of(uri, version, parse(Source(name_of(uri), well_formed(text))))
        self.documents[uri] = document
        self._answers.pop(uri, None)
        return document

    def change(
        self, uri: str, version: int | None, changes: Sequence[types.TextDocumentContentChangeEvent]
    ) -> OpenDocument | None:
        """The new version of a document; None where it is not open."""
        old = self.documents.get(uri)
        if old is None:
            return None
        text = apply_changes(old.source.text, changes, self.client.encoding)
        document = self.documents[uri] = old.changed(version, text)
        return document

    def close(self, uri: str) -> None:
        """Forget a document."""
        document = self.documents.pop(uri, None)
        self._answers.pop(uri, None)
        self.pulled.pop(uri, None)
        if document is not None:
            self.surroundings.pop(document.source.name, None)

    def files_changed(self) -> tuple[OpenDocument, ...]:
        """Read configurations and ignore files again where they are needed; the documents to check anew."""
        self.surroundings.clear()
        for document in self.documents.values():
            document.forget_findings()
        return tuple(self.documents.values())

    def answers(self, document: OpenDocument) -> EncodedAnswers:
        """What was sent about a document so far."""
        known = self._answers.get(document.uri)
        if known is None:
            known = self._answers[document.uri] = EncodedAnswers(PackedTokens(self.client.encoding))
        return known

    def findings(self, document: OpenDocument) -> tuple[Diagnostic, ...]:
        """What is wrong with a document, in the order of places, as far as it is known yet."""
        return in_order(self._blocks(document))

    def encoded_findings(self, dialect: Dialect) -> Encoded:
        """The same, to be sent."""
        return self.answers(dialect.document).findings(dialect, self._blocks(dialect.document))

    def named_findings(self, dialect: Dialect) -> tuple[str, Encoded]:
        """The same with a name, which is another one when anything is different."""
        document = dialect.document
        if document.uri in self.pulled:
            self.pulled[document.uri] = document.version
        found = self.encoded_findings(dialect)
        return sha256(found.encode()).hexdigest()[:16], found

    def _blocks(self, document: OpenDocument) -> tuple[Block, ...]:
        if not self.settings.does_lint:
            return (Block.of(problems(document.tree)),)
        return document.blocks(*self._surroundings_of(document))

    def fix_all(self, document: OpenDocument) -> Edit | None:
        """The edit that makes every safe fix; None where there is none."""
        settings, surroundings = self._surroundings_of(document)
        text = document.source.text
        fixed = fix_text(text, lambda tree: lint(tree, settings, surroundings), name=document.source.name).text
        return difference(text, fixed) if fixed != text else None

    def shell_check(self, document: OpenDocument) -> ShellCheckOf | None:
        """A slow function, for a thread, that checks a document's scripts; None where it is not wanted or possible."""
        checker = ShellCheck.find() if self.settings.does_lint and self.settings.does_check_shell else None
        if checker is None:
            return None
        settings, surroundings = self._surroundings_of(document)
        return lambda document: shell_findings(document.tree, checker, settings, surroundings)

    def _surroundings_of(self, document: OpenDocument) -> tuple[Settings, Surroundings]:
        """What the configuration and the ignore file around a document say; of a document that is no file, nothing."""
        name = document.source.name
        path = Path(name)
        if not path.is_absolute():
            return _NOTHING
        if name not in self.surroundings:
            self.surroundings[name] = (settings_around(path), surroundings_of(path))
        return self.surroundings[name]
