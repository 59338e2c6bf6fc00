"""Between our values and the protocol's, for one document and one client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from lsprotocol import types

from dockerlang.diagnostics import Diagnostic, Severity, Tag
from dockerlang.edits import Edit
from dockerlang.ide.actions import Action
from dockerlang.ide.completion import Completion, CompletionKind
from dockerlang.ide.folding import Fold
from dockerlang.ide.hover import Hover
from dockerlang.ide.inlay_hints import InlayHint
from dockerlang.ide.links import Link
from dockerlang.ide.open_document import OpenDocument
from dockerlang.ide.references import Reference
from dockerlang.ide.signature import Signature
from dockerlang.ide.symbols import Symbol, SymbolKind
from dockerlang.ide.tokens import Token, packed
from dockerlang.records import record
from dockerlang.syntax import nodes
from dockerlang.text import Span
from dockerlang_lsp.capabilities import Client
from dockerlang_lsp.from_lsp import offset_of, span_of

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
    Severity.STYLE: types.DiagnosticSeverity.Hint,
}
_TAGS = {Tag.UNNECESSARY: types.DiagnosticTag.Unnecessary, Tag.DEPRECATED: types.DiagnosticTag.Deprecated}
_SYMBOLS = {
    SymbolKind.STAGE: types.SymbolKind.Module,
    SymbolKind.INSTRUCTION: types.SymbolKind.Method,
    SymbolKind.VARIABLE: types.SymbolKind.Variable,
}
_COMPLETIONS = {
    CompletionKind.INSTRUCTION: types.CompletionItemKind.Keyword,
    CompletionKind.FLAG: types.CompletionItemKind.Property,
    CompletionKind.STAGE: types.CompletionItemKind.Module,
    CompletionKind.VARIABLE: types.CompletionItemKind.Variable,
    CompletionKind.VALUE: types.CompletionItemKind.Value,
}


@record
class Dialect:
    """Speaks about one version of a document to one client."""

    document: OpenDocument
    client: Client

    @property
    def tree(self) -> nodes.Document:
        """The document's tree."""
        return self.document.tree

    def offset(self, position: types.Position) -> int:
        """The offset of a position of the client."""
        return offset_of(self.document.lines, position, self.client.encoding)

    def span(self, range: types.Range) -> Span:
        """The span of a range of the client."""
        return span_of(self.document.lines, range, self.client.encoding)

    def range(self, span: Span) -> types.Range:
        """The lines and columns of a span."""
        return types.Range(self._position(span.start), self._position(span.end))

    def location(self, span: Span) -> types.Location:
        """A span as a place in the workspace."""
        return types.Location(self.document.uri, self.range(span))

    def text_edit(self, edit: Edit) -> types.TextEdit:
        """A change of the text."""
        return types.TextEdit(self.range(edit.span), edit.replacement)

    def markup(self, markdown: str) -> types.MarkupContent:
        """A text, told to be plain where the client cannot show Markdown."""
        kind = types.MarkupKind.Markdown if self.client.shows_markdown else types.MarkupKind.PlainText
        return types.MarkupContent(kind, markdown)

    def diagnostic(self, finding: Diagnostic) -> types.Diagnostic:
        """A finding, its help below its message and its labels as related places."""
        return types.Diagnostic(
            range=self.range(finding.span),
            message="\n".join(filter(None, (finding.message, finding.note, finding.help))),
            severity=_SEVERITIES[finding.severity],
            code=finding.code,
            code_description=types.CodeDescription(finding.url) if finding.url else None,
            source="dockerlang",
            tags=[_TAGS[tag] for tag in sorted(finding.tags, key=lambda tag: tag.value)] or None,
            related_information=[
                types.DiagnosticRelatedInformation(self.location(label.span), label.message) for label in finding.labels
            ]
            or None,
        )

    def action(self, action: Action) -> types.CodeAction:
        """A way out of some findings."""
        return types.CodeAction(
            title=action.title,
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[self.diagnostic(finding) for finding in action.findings],
            is_preferred=action.is_preferred or None,
            edit=self.workspace_edit(action.edits),
        )

    def workspace_edit(self, edits: Iterable[Edit]) -> types.WorkspaceEdit:
        """Changes to this version of the document."""
        text_edits = [self.text_edit(edit) for edit in edits]
        if not self.client.takes_versioned_edits:
            return types.WorkspaceEdit(changes={self.document.uri: text_edits})
        identifier = types.OptionalVersionedTextDocumentIdentifier(self.document.uri, self.document.version)
        return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(identifier, [*text_edits])])

    def completion(self, offer: Completion, order: int) -> types.CompletionItem:
        """An offer; editors sort by text, so its place in our order becomes one."""
        return types.CompletionItem(
            label=offer.label,
            kind=_COMPLETIONS[offer.kind],
            detail=offer.detail or None,
            documentation=self.markup(offer.documentation) if offer.documentation else None,
            sort_text=f"{order:04}",
            filter_text=offer.text,
            text_edit=types.TextEdit(self.range(offer.span), offer.text),
        )

    def hover(self, card: Hover) -> types.Hover:
        """A card."""
        return types.Hover(self.markup(card.markdown), self.range(card.span))

    def outline(self, symbols: Sequence[Symbol]) -> list[types.DocumentSymbol] | list[types.SymbolInformation]:
        """The outline as a tree, or flat for clients that know no other."""
        if self.client.shows_outline_as_tree:
            return [self.document_symbol(symbol) for symbol in symbols]
        return [
            types.SymbolInformation(
                self.location(symbol.span), symbol.name, _SYMBOLS[symbol.kind], container_name=parent
            )
            for symbol, parent in _flat(symbols, None)
        ]

    def highlight(self, place: Reference) -> types.DocumentHighlight:
        """A place that names what the cursor is on."""
        kind = types.DocumentHighlightKind.Write if place.is_definition else types.DocumentHighlightKind.Read
        return types.DocumentHighlight(self.range(place.span), kind)

    def selection_range(self, spans: Sequence[Span]) -> types.SelectionRange:
        """A chain of spans, the smallest first."""
        chain: types.SelectionRange | None = None
        for span in reversed(spans):
            chain = types.SelectionRange(self.range(span), chain)
        assert chain is not None, "the whole text is always a selection"
        return chain

    def document_link(self, link: Link) -> types.DocumentLink:
        """A link; files of the context are looked for beside the document."""
        target = link.url or f"{self.document.uri.rpartition('/')[0]}/{quote(link.path)}"
        return types.DocumentLink(self.range(link.span), target)

    def inlay_hint(self, hint: InlayHint) -> types.InlayHint:
        """A hint between characters."""
        kind = types.InlayHintKind.Type
        return types.InlayHint(self._position(hint.offset), hint.text, kind, padding_left=True)

    def signature_help(self, form: Signature) -> types.SignatureHelp:
        """The form of an instruction; forms are ASCII, so that offsets are columns in every encoding."""
        parts = [types.ParameterInformation((part.start, part.end)) for part in form.parts]
        found = types.SignatureInformation(form.label, self.markup(form.purpose), parts, form.active)
        return types.SignatureHelp([found], 0, form.active)

    def semantic_tokens(self, found: Iterable[Token]) -> types.SemanticTokens:
        """Tokens, packed."""
        return types.SemanticTokens(packed(found, self.document.lines, self.client.encoding))

    def folding_range(self, fold: Fold) -> types.FoldingRange:
        """Lines that fold."""
        kind = types.FoldingRangeKind.Comment if fold.is_comment else types.FoldingRangeKind.Region
        lines = self.document.lines
        return types.FoldingRange(lines.line_of(fold.span.start), lines.line_of(fold.span.end), kind=kind)

    def document_symbol(self, symbol: Symbol) -> types.DocumentSymbol:
        """A line of the outline."""
        return types.DocumentSymbol(
            name=symbol.name,
            kind=_SYMBOLS[symbol.kind],
            range=self.range(symbol.span),
            selection_range=self.range(symbol.selection),
            detail=symbol.detail or None,
            children=[self.document_symbol(child) for child in symbol.children],
        )

    def _position(self, offset: int) -> types.Position:
        position = self.document.lines.position(offset, self.client.encoding)
        return types.Position(position.line, position.column)


def _flat(symbols: Sequence[Symbol], parent: str | None) -> Iterator[tuple[Symbol, str | None]]:
    for symbol in symbols:
        yield symbol, parent
        yield from _flat(symbol.children, symbol.name)
