"""The language server: each request is one call of the session, `ide`, the linter or the formatter, translated.

A request about a document that is not open gets an empty answer. Our own bugs are logged with their traceback on
standard error; the client gets one line.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from typing import Any, BinaryIO

from lsprotocol import types
from pygls.exceptions import FeatureNotificationError, JsonRpcException
from pygls.io_ import StdoutWriter
from pygls.lsp.server import LanguageServer

from dockerlang import __version__
from dockerlang.errors import DockerlangError
from dockerlang.ide.open_document import OpenDocument
from dockerlang.ide.preferences import SECTION, preferences_of
from dockerlang_lsp import changing, reading
from dockerlang_lsp.capabilities import client_of
from dockerlang_lsp.encoded import encoded
from dockerlang_lsp.inbox import Inbox
from dockerlang_lsp.protocol import SteadyProtocol
from dockerlang_lsp.session import Session, ShellCheckOf
from dockerlang_lsp.to_lsp import Dialect

log = logging.getLogger(__name__)

# Seconds without typing after which the scripts are checked: ShellCheck's findings are due 300 ms after the last key.
SHELL_DELAY = 0.15
# Seconds that a change waits for requests that an editor sends right behind it; they go first.
PAUSE = 0.001
# What is read around a Dockerfile: its ignore files and the configuration.
WATCHED = "**/{*.dockerignore,.dockerignore,.hadolint.yaml,.hadolint.yml}"


class DockerlangServer(LanguageServer):
    """The server, its session, and the checks that are under way."""

    protocol: SteadyProtocol

    def __init__(self) -> None:
        super().__init__("dockerlang", __version__, protocol_cls=SteadyProtocol)
        self.session = Session()
        self._coming: dict[str, asyncio.TimerHandle | asyncio.Task[None]] = {}
        # One at a time: a second check of the same scripts would only slow the first one down.
        self._shell_lock = asyncio.Lock()
        _life(self)
        _documents(self)
        reading.register(self, self.session)
        changing.register(self, self.session)

    def publish(self, document: OpenDocument) -> None:
        """Send what is wrong with a document now, and what is wrong with its scripts once that is known."""
        self.forget(document.uri)
        self._send(document)
        check = self.session.shell_check(document)
        if check is not None:
            task = asyncio.get_running_loop().create_task(self._check_shell(document, check))
            self._coming[document.uri] = task

    def publish_soon(self, document: OpenDocument) -> None:
        """The same as soon as no message waits: a burst of changes costs one check, and requests go first."""
        self.forget(document.uri)
        self._coming[document.uri] = asyncio.get_running_loop().call_later(PAUSE, self.publish, document)

    def forget(self, uri: str) -> None:
        """Call off what is still to be said about a document."""
        coming = self._coming.pop(uri, None)
        if coming is not None:
            coming.cancel()

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Errors outside of requests: for the log, not a window in the editor; our own with their traceback."""
        is_ours = source is FeatureNotificationError and not isinstance(error, JsonRpcException)
        log.error("%s: %s", type(error).__name__, error, exc_info=error if is_ours else None)

    def serve(self, stdin: BinaryIO, stdout: BinaryIO) -> None:
        """Answer the messages of one client until it ends the server or is gone."""
        self._stop_event = threading.Event()
        self.protocol.set_writer(StdoutWriter(stdout))
        try:
            asyncio.run(self._serve(stdin))
        except BrokenPipeError:
            log.warning("the client is gone")
        except (KeyboardInterrupt, SystemExit):
            pass
        finally:
            self.shutdown()  # type: ignore[no-untyped-call]

    async def _serve(self, stdin: BinaryIO) -> None:
        inbox = Inbox(stdin)
        assert self._stop_event is not None
        try:
            while not self._stop_event.is_set() and (message := await inbox.next()) is not None:
                for cancelled in inbox.cancelled():
                    self.protocol.answer_cancelled(cancelled)
                try:
                    self.protocol.handle_message(self.protocol.structure_message(message))
                except Exception as error:
                    self.report_server_error(error, JsonRpcException)
        finally:
            # Nobody listens any more.
            for uri in tuple(self._coming):
                self.forget(uri)

    def _send(self, document: OpenDocument) -> None:
        if document.uri in self.session.pulled:
            # This client asks; it only has to be told that there is something new.
            if document.version == self.session.pulled[document.uri]:
                self.workspace_diagnostic_refresh(None, lambda _: None)
            return
        dialect = Dialect(document, self.session.client)
        found = self.session.encoded_findings(dialect)
        version = "" if document.version is None else f',"version":{document.version}'
        params = f'{{"uri":{encoded(document.uri)}{version},"diagnostics":{found}}}'
        self.protocol.notify_encoded(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params)

    async def _check_shell(self, document: OpenDocument, check: ShellCheckOf) -> None:
        await asyncio.sleep(SHELL_DELAY)
        try:
            async with self._shell_lock:
                found = await asyncio.get_running_loop().run_in_executor(None, check, document)
        except DockerlangError as error:
            log.warning("%s", error)
            return
        if self.session.documents.get(document.uri) is document:
            document.take_shell_findings(found)
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
    # A reader of its own: the interpreter closes that of `sys.stdin` at its end, and would wait for the thread in it.
    stdin = open(os.dup(sys.stdin.fileno()), "rb")  # noqa: SIM115
    server.serve(stdin, sys.stdout.buffer)
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
        document.forget_findings()
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
