"""The language server: each request is one call of the session, `ide`, the linter or the formatter, translated.

A request about a document that is not open gets an empty answer. Our own bugs are logged with their traceback on
standard error; the client gets one line.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from lsprotocol import types
from pygls.exceptions import FeatureNotificationError, JsonRpcException
from pygls.lsp.server import LanguageServer

from dockerlang import __version__
from dockerlang.errors import DockerlangError, InputError
from dockerlang.formatter import format_edits
from dockerlang.ide.actions import actions
from dockerlang.ide.completion import complete
from dockerlang.ide.definition import definition
from dockerlang.ide.folding import folds
from dockerlang.ide.hover import hover
from dockerlang.ide.inlay_hints import inlay_hints
from dockerlang.ide.links import links
from dockerlang.ide.open_document import OpenDocument
from dockerlang.ide.preferences import SECTION, preferences_of, style_of
from dockerlang.ide.references import references
from dockerlang.ide.rename import renamable, rename
from dockerlang.ide.selection import selections
from dockerlang.ide.signature import signature
from dockerlang.ide.symbols import document_symbols
from dockerlang.ide.tokens import TokenKind, tokens
from dockerlang_lsp.capabilities import client_of
from dockerlang_lsp.protocol import SteadyProtocol
from dockerlang_lsp.session import Session, ShellCheckOf
from dockerlang_lsp.to_lsp import Dialect

log = logging.getLogger(__name__)

# Seconds without typing after which the scripts are checked: ShellCheck's findings are due 300 ms after the last key.
SHELL_DELAY = 0.15
# Seconds that a change of a huge document may wait for the next one.
LONGEST_PAUSE = 0.1
# What is read around a Dockerfile: its ignore files and the configuration.
WATCHED = "**/{*.dockerignore,.dockerignore,.hadolint.yaml,.hadolint.yml}"
FIX_ALL = "source.fixAll.dockerlang"
COMPLETION_TRIGGERS = ["$", "{", "-", "=", ","]

Answer = TypeVar("Answer", bound=Callable[[Dialect, Any], Any])


class DockerlangServer(LanguageServer):
    """The server, its session, and the checks that are under way."""

    protocol: SteadyProtocol

    def __init__(self) -> None:
        super().__init__("dockerlang", __version__, protocol_cls=SteadyProtocol)
        self.session = Session()
        self._coming: dict[str, asyncio.TimerHandle | asyncio.Task[None]] = {}
        # One at a time: a second check of the same scripts would only slow the first one down.
        self._shell_lock = asyncio.Lock()
        for register in (_life, _documents, _reading, _changing):
            register(self)

    def publish(self, document: OpenDocument) -> None:
        """Send what is wrong with a document now, and what is wrong with its scripts once that is known."""
        self.forget(document.uri)
        self._send(document)
        check = self.session.shell_check(document)
        if check is not None:
            task = asyncio.get_running_loop().create_task(self._check_shell(document, check))
            self._coming[document.uri] = task

    def publish_soon(self, document: OpenDocument) -> None:
        """The same after a pause as long as a check takes, so that a burst of changes costs one check."""
        self.forget(document.uri)
        pause = min(document.check_seconds, LONGEST_PAUSE)
        self._coming[document.uri] = asyncio.get_running_loop().call_later(pause, self.publish, document)

    def forget(self, uri: str) -> None:
        """Call off what is still to be said about a document."""
        coming = self._coming.pop(uri, None)
        if coming is not None:
            coming.cancel()

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Errors outside of requests: for the log, not a window in the editor; our own with their traceback."""
        is_ours = source is FeatureNotificationError and not isinstance(error, JsonRpcException)
        log.error("%s: %s", type(error).__name__, error, exc_info=error if is_ours else None)

    def _send(self, document: OpenDocument) -> None:
        dialect = Dialect(document, self.session.client)
        found = [dialect.diagnostic(finding) for finding in self.session.findings(document)]
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(document.uri, found, document.version))

    async def _check_shell(self, document: OpenDocument, check: ShellCheckOf) -> None:
        await asyncio.sleep(SHELL_DELAY)
        try:
            async with self._shell_lock:
                found = await asyncio.get_running_loop().run_in_executor(None, check, document)
        except DockerlangError as error:
            log.warning("%s", error)
            return
        if self.session.documents.get(document.uri) is document and found != document.shell_findings:
            document.shell_findings = found
            self._send(document)


def main() -> None:
    """Serve over standard input and output until the client ends it; the exit status is the protocol's."""
    if "--version" in sys.argv[1:]:
        print(f"dockerlang-lsp {__version__}")
        return
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s: %(message)s")
    # The library logs what a client does wrong with a traceback; our own handlers log what we do wrong.
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    server = DockerlangServer()
    server.start_io()
    sys.exit(server.protocol.exit_code)


# ---------------------------------------------------------------- the session


def _life(server: DockerlangServer) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.session.client = client_of(params.capabilities)
        server.session.settings = preferences_of(params.initialization_options)

    @server.feature(types.INITIALIZED)
    async def initialized(params: types.InitializedParams) -> None:
        await _fetch_settings(server)
        client = server.session.client
        registrations = []
        if client.registers_settings:
            method = types.WORKSPACE_DID_CHANGE_CONFIGURATION
            registrations.append(types.Registration("settings", method, {"section": SECTION}))
        if client.registers_watchers:
            watchers = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(WATCHED)])
            registrations.append(types.Registration("files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, watchers))
        if registrations:
            await server.client_register_capability_async(types.RegistrationParams(registrations))

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def files_changed(params: types.DidChangeWatchedFilesParams) -> None:
        for document in server.session.files_changed():
            server.publish(document)

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def settings_changed(params: types.DidChangeConfigurationParams) -> None:
        if server.session.client.gives_settings:
            await _fetch_settings(server)
        else:
            _take_settings(server, params.settings)


async def _fetch_settings(server: DockerlangServer) -> None:
    if not server.session.client.gives_settings:
        return
    wanted = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
    try:
        answer = await server.workspace_configuration_async(wanted)
    except JsonRpcException as error:
        log.warning("the editor does not give its settings: %s", error)
        return
    if answer and answer[0] is not None:
        _take_settings(server, answer[0])


def _take_settings(server: DockerlangServer, value: object) -> None:
    settings = preferences_of(value)
    if settings == server.session.settings:
        return
    server.session.settings = settings
    for document in tuple(server.session.documents.values()):
        document.shell_findings = ()
        server.publish(document)


def _documents(server: DockerlangServer) -> None:
    session = server.session

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        server.publish(session.open(item.uri, item.version, item.text))

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        identifier = params.text_document
        document = session.change(identifier.uri, identifier.version, params.content_changes)
        if document is not None:
            server.publish_soon(document)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        session.close(uri)
        server.forget(uri)
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))


# ---------------------------------------------------------------- features


def _answer(server: DockerlangServer, method: str, options: Any = None) -> Callable[[Answer], Answer]:
    """Registers a function that answers requests about one open document; for others the answer is nothing."""

    def register(answer: Answer) -> Answer:
        @server.feature(method, options)
        def handle(params: Any) -> Any:
            document = server.session.documents.get(params.text_document.uri)
            if document is None:
                return None
            return answer(Dialect(document, server.session.client), params)

        return answer

    return register


def _reading(server: DockerlangServer) -> None:
    def answer(method: str, answer: Callable[[Dialect, Any], Any], options: Any = None) -> None:
        _answer(server, method, options)(answer)

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
    answer(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, lambda it, asked: it.outline(document_symbols(it.tree)))
    answer(types.TEXT_DOCUMENT_FOLDING_RANGE, lambda it, asked: [it.folding_range(fold) for fold in folds(it.tree)])
    answer(types.TEXT_DOCUMENT_DOCUMENT_LINK, lambda it, asked: [it.document_link(link) for link in links(it.tree)])
    answer(
        types.TEXT_DOCUMENT_INLAY_HINT,
        lambda it, asked: [it.inlay_hint(hint) for hint in inlay_hints(it.tree, it.span(asked.range))],
    )
    answer(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, lambda it, asked: it.semantic_tokens(tokens(it.tree)), legend)
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


def _changing(server: DockerlangServer) -> None:
    session = server.session

    @_answer(server, types.TEXT_DOCUMENT_PREPARE_RENAME)
    def on_prepare_rename(dialect: Dialect, params: types.PrepareRenameParams) -> Any:
        span = renamable(dialect.tree, dialect.offset(params.position))
        return dialect.range(span) if span is not None else None

    @_answer(server, types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    def on_rename(dialect: Dialect, params: types.RenameParams) -> types.WorkspaceEdit:
        try:
            return dialect.workspace_edit(rename(dialect.tree, dialect.offset(params.position), params.new_name))
        except InputError as error:
            raise JsonRpcException(str(error), types.LSPErrorCodes.RequestFailed) from error

    @_answer(server, types.TEXT_DOCUMENT_FORMATTING)
    def on_formatting(dialect: Dialect, params: types.DocumentFormattingParams) -> list[types.TextEdit]:
        options = style_of(session.settings, params.options.tab_size, params.options.insert_spaces)
        return [dialect.text_edit(edit) for edit in format_edits(dialect.tree, options)]

    @_answer(server, types.TEXT_DOCUMENT_RANGE_FORMATTING)
    def on_range_formatting(dialect: Dialect, params: types.DocumentRangeFormattingParams) -> list[types.TextEdit]:
        options = style_of(session.settings, params.options.tab_size, params.options.insert_spaces)
        within = dialect.span(params.range)
        return [dialect.text_edit(edit) for edit in format_edits(dialect.tree, options, within)]

    kinds = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, FIX_ALL])

    @_answer(server, types.TEXT_DOCUMENT_CODE_ACTION, kinds)
    def on_code_action(dialect: Dialect, params: types.CodeActionParams) -> list[types.CodeAction]:
        if not session.client.takes_code_actions:
            return []
        offered: list[types.CodeAction] = []
        if _wants(params.context.only, types.CodeActionKind.QuickFix):
            chosen = dialect.span(params.range)
            touched = [
                finding
                for finding in session.findings(dialect.document)
                if finding.span.touches(chosen.start) or finding.span.overlaps(chosen)
            ]
            offered += [dialect.action(action) for action in actions(dialect.tree, touched)]
        # Fixing all is asked for by name, on save; a menu at the cursor is for what stands there.
        if params.context.only and _wants(params.context.only, FIX_ALL):
            edit = session.fix_all(dialect.document)
            if edit is not None:
                offered.append(types.CodeAction("Fix all", kind=FIX_ALL, edit=dialect.workspace_edit([edit])))
        return offered


def _wants(only: Sequence[types.CodeActionKind | str] | None, kind: str) -> bool:
    """Whether a request for these kinds includes `kind`; a kind stands for all that it is a prefix of."""
    return only is None or any(not wanted or kind == wanted or kind.startswith(f"{wanted}.") for wanted in only)
