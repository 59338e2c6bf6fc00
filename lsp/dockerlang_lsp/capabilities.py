"""What the client can do, read once from its `initialize` request."""

from __future__ import annotations

from lsprotocol import types

from dockerlang.records import record
from dockerlang.text import Encoding


@record
class Client:
    """The abilities that change what we send."""

    encoding: Encoding = Encoding.UTF16
    shows_markdown: bool = False
    shows_outline_as_tree: bool = False
    takes_versioned_edits: bool = False
    takes_code_actions: bool = False
    gives_settings: bool = False
    registers_settings: bool = False
    registers_watchers: bool = False
    refreshes_diagnostics: bool = False


def client_of(capabilities: types.ClientCapabilities) -> Client:
    """The abilities that a client declares; what it leaves out it cannot do."""
    document = capabilities.text_document or types.TextDocumentClientCapabilities()
    workspace = capabilities.workspace or types.WorkspaceClientCapabilities()
    hover = document.hover.content_format if document.hover else None
    symbol, action, edit = document.document_symbol, document.code_action, workspace.workspace_edit
    changes, watched = workspace.did_change_configuration, workspace.did_change_watched_files
    return Client(
        encoding=_encoding(capabilities.general),
        shows_markdown=types.MarkupKind.Markdown in (hover or ()),
        shows_outline_as_tree=bool(symbol and symbol.hierarchical_document_symbol_support),
        takes_versioned_edits=bool(edit and edit.document_changes),
        takes_code_actions=bool(action and action.code_action_literal_support),
        gives_settings=bool(workspace.configuration),
        registers_settings=bool(changes and changes.dynamic_registration),
        registers_watchers=bool(watched and watched.dynamic_registration),
        refreshes_diagnostics=bool(workspace.diagnostics and workspace.diagnostics.refresh_support),
    )


def _encoding(general: types.GeneralClientCapabilities | None) -> Encoding:
    """The first encoding of the client's list that we know, in the client's order of preference; else UTF-16.

    The library answers the client by the same rule.
    """
    known = {encoding.value: encoding for encoding in Encoding}
    wanted = (general.position_encodings if general else None) or ()
    return next((known[encoding] for encoding in wanted if encoding in known), Encoding.UTF16)
