"""Answers that change nothing: each is one call of `ide`, translated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from dockerlang.ide.completion import complete
from dockerlang.ide.definition import definition
from dockerlang.ide.folding import folds
from dockerlang.ide.hover import hover
from dockerlang.ide.inlay_hints import inlay_hints
from dockerlang.ide.links import links
from dockerlang.ide.references import references
from dockerlang.ide.selection import selections
from dockerlang.ide.signature import signature
from dockerlang.ide.symbols import document_symbols
from dockerlang.ide.tokens import TokenKind, tokens
from dockerlang_lsp.encoded import Encoded, encoded
from dockerlang_lsp.session import Session
from dockerlang_lsp.to_lsp import Dialect

COMPLETION_TRIGGERS = ["$", "{", "-", "=", ",", "/"]

Answer = TypeVar("Answer", bound=Callable[[Dialect, Any], Any])


def answering(server: LanguageServer, session: Session, method: str, options: Any = None) -> Callable[[Answer], Answer]:
    """Registers a function that answers requests about one open document; for others the answer is nothing."""

    def registered(answer: Answer) -> Answer:
        @server.feature(method, options)
        def handle(params: Any) -> Any:
            document = session.documents.get(params.text_document.uri)
            if document is None:
                return None
            return answer(Dialect(document, session.client), params)

        return answer

    return registered


def register(server: LanguageServer, session: Session) -> None:
    """Register all of them."""

    def answer(method: str, answer: Callable[[Dialect, Any], Any], options: Any = None) -> None:
        answering(server, session, method, options)(answer)

    legend = types.SemanticTokensLegend([kind.value for kind in TokenKind], [])
    answer(types.TEXT_DOCUMENT_HOVER, _hover)
    answer(types.TEXT_DOCUMENT_COMPLETION, _completion, types.CompletionOptions(trigger_characters=COMPLETION_TRIGGERS))
    answer(types.TEXT_DOCUMENT_SIGNATURE_HELP, _signature, types.SignatureHelpOptions(trigger_characters=[" "]))
    answer(types.TEXT_DOCUMENT_DEFINITION, _definition)
    answer(types.TEXT_DOCUMENT_REFERENCES, _references)
    answer(
        types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT,
        lambda it, asked: [it.highlight(place) for place in references(it.tree, it.offset(asked.position))],
    )
    answer(
        types.TEXT_DOCUMENT_SELECTION_RANGE,
        lambda it, asked: [
            it.selection_range(selections(it.tree, it.offset(position))) for position in asked.positions
        ],
    )
    answer(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, lambda it, asked: _outline(session, it))
    answer(types.TEXT_DOCUMENT_FOLDING_RANGE, lambda it, asked: [it.folding_range(fold) for fold in folds(it.tree)])
    answer(types.TEXT_DOCUMENT_DOCUMENT_LINK, lambda it, asked: [it.document_link(link) for link in links(it.tree)])
    answer(
        types.TEXT_DOCUMENT_INLAY_HINT,
        lambda it, asked: [it.inlay_hint(hint) for hint in inlay_hints(it.tree, it.span(asked.range))],
    )
    answer(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, lambda it, asked: _tokens(session, it), legend)
    answer(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA, lambda it, asked: _changed_tokens(session, it, asked))
    server.feature(types.WORKSPACE_DIAGNOSTIC)(
        lambda asked: workspace_report(session, {each.uri: each.value for each in asked.previous_result_ids})
    )
    pull = types.DiagnosticOptions(inter_file_dependencies=False, workspace_diagnostics=True, identifier="dockerlang")
    answer(types.TEXT_DOCUMENT_DIAGNOSTIC, lambda it, asked: _pulled(server, session, it, asked), pull)
    answer(
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE,
        lambda it, asked: it.semantic_tokens(tokens(it.tree, it.span(asked.range))),
        legend,
    )


def _hover(dialect: Dialect, params: types.HoverParams) -> types.Hover | None:
    card = hover(dialect.tree, dialect.offset(params.position))
    return dialect.hover(card) if card is not None else None


def _completion(dialect: Dialect, params: types.CompletionParams) -> list[types.CompletionItem]:
    offers = complete(dialect.tree, dialect.offset(params.position))
    return [dialect.completion(offer, order) for order, offer in enumerate(offers)]


def _signature(dialect: Dialect, params: types.SignatureHelpParams) -> types.SignatureHelp | None:
    form = signature(dialect.tree, dialect.offset(params.position))
    return dialect.signature_help(form) if form is not None else None


def _definition(dialect: Dialect, params: types.DefinitionParams) -> types.Location | None:
    span = definition(dialect.tree, dialect.offset(params.position))
    return dialect.location(span) if span is not None else None


def _references(dialect: Dialect, params: types.ReferenceParams) -> list[types.Location]:
    return [
        dialect.location(reference.span)
        for reference in references(dialect.tree, dialect.offset(params.position))
        if params.context.include_declaration or not reference.is_definition
    ]


def _outline(session: Session, dialect: Dialect) -> Any:
    if dialect.client.shows_outline_as_tree:
        return session.answers(dialect.document).outline(dialect)
    return dialect.outline(document_symbols(dialect.tree))


def _tokens(session: Session, dialect: Dialect) -> Encoded:
    answers = session.answers(dialect.document).tokens
    numbers = answers.all(dialect.tree, dialect.document.lines)
    return Encoded(f'{{"resultId":"{answers.name}","data":[{numbers}]}}')


def _changed_tokens(session: Session, dialect: Dialect, params: types.SemanticTokensDeltaParams) -> Encoded:
    answers = session.answers(dialect.document).tokens
    edit = answers.since(params.previous_result_id, dialect.tree, dialect.document.lines)
    if edit is None:
        return _tokens(session, dialect)
    change = f'{{"start":{edit.start},"deleteCount":{edit.removed},"data":[{edit.numbers}]}}'
    return Encoded(f'{{"resultId":"{answers.name}","edits":[{change}]}}')


def _pulled(
    server: LanguageServer, session: Session, dialect: Dialect, params: types.DocumentDiagnosticParams
) -> Encoded:
    """The findings for a client that asks for them; from then on it is not sent any, or it would show each twice."""
    document = dialect.document
    if document.uri not in session.pulled and session.client.refreshes_diagnostics:
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(document.uri, []))
        session.pulled[document.uri] = document.version
    return Encoded(_report(session, dialect, params.previous_result_id))


def _report(session: Session, dialect: Dialect, known: str | None) -> str:
    name, found = session.named_findings(dialect)
    if name == known:
        return f'{{"kind":"unchanged","resultId":"{name}"}}'
    return f'{{"kind":"full","resultId":"{name}","items":{found}}}'


def workspace_report(session: Session, known: dict[str, str]) -> Encoded:
    """The findings of all open documents; `known` has the names of the answers that the client has, by URI."""
    reports = []
    for uri, document in session.documents.items():
        report = _report(session, Dialect(document, session.client), known.get(uri))
        version = "null" if document.version is None else str(document.version)
        reports.append(f'{{"uri":{encoded(uri)},"version":{version},{report[1:]}')
    return Encoded(f'{{"items":[{",".join(reports)}]}}')
