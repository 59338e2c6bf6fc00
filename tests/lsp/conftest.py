"""A real client that talks to a real server over standard input and output."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient, client_capabilities
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

SERVER = [sys.executable, "-m", "dockerlang_lsp"]
PUBLISH = types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS
SETTINGS_CHANGED = types.WORKSPACE_DID_CHANGE_CONFIGURATION
URI = "file:///project/Dockerfile"
# A test that waits longer has found a server that does not answer.
PATIENCE = 20.0


@dataclass
class Editor:
    """An editor with one document, of which it keeps the text and the server's last words."""

    client: LanguageClient
    published: asyncio.Queue[types.PublishDiagnosticsParams]
    initialized: types.InitializeResult
    versions: dict[str, int] = field(default_factory=dict)

    def open(self, text: str, uri: str = URI) -> None:
        self.versions[uri] = 1
        item = types.TextDocumentItem(uri, "dockerfile", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, *changes: types.TextDocumentContentChangeEvent, uri: str = URI) -> None:
        self.versions[uri] += 1
        identifier = types.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, changes))

    async def diagnostics(
        self, until: Callable[[types.PublishDiagnosticsParams], bool] = lambda published: True
    ) -> types.PublishDiagnosticsParams:
        """The next diagnostics for which `until` holds."""
        async with asyncio.timeout(PATIENCE):
            while True:
                published = await self.published.get()
                if until(published):
                    return published

    async def outline(self, uri: str = URI) -> list[str]:
        """The instructions that the server sees, by which a test sees the server's text."""
        identifier = types.TextDocumentIdentifier(uri)
        symbols = await self.client.text_document_document_symbol_async(types.DocumentSymbolParams(identifier))
        assert symbols is None or all(isinstance(symbol, types.DocumentSymbol) for symbol in symbols)
        return [line for symbol in symbols or () for line in _lines(symbol)]


def _lines(symbol: Any) -> list[str]:
    own = f"{symbol.name} {symbol.detail or ''}".strip()
    return [own, *(line for child in symbol.children or () for line in _lines(child))]


@asynccontextmanager
async def started(
    capabilities: types.ClientCapabilities | None = None, settings: object = None, options: object = None
) -> AsyncIterator[Editor]:
    """A server, from `initialize` to its end; it must end with status 0."""
    client = LanguageClient(converter_factory=default_converter)
    register_lsp_features(
        client, {name: feature for name, feature in DEFAULT_CLIENT_FEATURES.items() if name != PUBLISH}
    )
    published: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()

    @client.feature(PUBLISH)  # type: ignore[untyped-decorator]
    def publish(params: types.PublishDiagnosticsParams) -> None:
        published.put_nowait(params)

    @client.feature(types.CLIENT_REGISTER_CAPABILITY)  # type: ignore[untyped-decorator]
    def register(params: types.RegistrationParams) -> None:
        methods = {registration.method for registration in params.registrations}
        assert methods == {SETTINGS_CHANGED, types.WORKSPACE_DID_CHANGE_WATCHED_FILES}

    if settings is not None:
        client.set_configuration({"dockerlang": settings})
    client.capabilities = capabilities or modern()
    await client.start_io(*SERVER)
    async with asyncio.timeout(PATIENCE):
        result = await client.initialize_async(
            types.InitializeParams(
                capabilities=client.capabilities, process_id=None, root_uri=None, initialization_options=options
            )
        )
        client.initialized(types.InitializedParams())
    yield Editor(client, published, result)
    async with asyncio.timeout(PATIENCE):
        await client.shutdown_async(None)
        client.exit(None)
        server: Any = client._server
        assert await server.wait() == 0


def modern(*encodings: str) -> types.ClientCapabilities:
    """What Visual Studio Code can do, with these position encodings in its order of preference."""
    capabilities = client_capabilities("visual-studio-code")
    capabilities.general = types.GeneralClientCapabilities(position_encodings=list(encodings) or None)
    return capabilities


@pytest.fixture
async def editor() -> AsyncIterator[Editor]:
    """An editor that can do everything."""
    async with started() as editor:
        yield editor
