"""Answers that are changes of the text: rename, formatting, code actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from dockerlang.errors import InputError
from dockerlang.formatter import format_edits
from dockerlang.ide.actions import actions
from dockerlang.ide.preferences import style_of
from dockerlang.ide.rename import renamable, rename
from dockerlang_lsp.reading import answering
from dockerlang_lsp.session import Session
from dockerlang_lsp.to_lsp import Dialect

FIX_ALL = "source.fixAll.dockerlang"


def register(server: LanguageServer, session: Session) -> None:
    """Register all of them."""

    @answering(server, session, types.TEXT_DOCUMENT_PREPARE_RENAME)
    def on_prepare_rename(dialect: Dialect, params: types.PrepareRenameParams) -> Any:
        span = renamable(dialect.tree, dialect.offset(params.position))
        return dialect.range(span) if span is not None else None

    @answering(server, session, types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    def on_rename(dialect: Dialect, params: types.RenameParams) -> types.WorkspaceEdit:
        try:
            return dialect.workspace_edit(rename(dialect.tree, dialect.offset(params.position), params.new_name))
        except InputError as error:
            raise JsonRpcException(str(error), types.LSPErrorCodes.RequestFailed) from error

    @answering(server, session, types.TEXT_DOCUMENT_FORMATTING)
    def on_formatting(dialect: Dialect, params: types.DocumentFormattingParams) -> list[types.TextEdit]:
        options = style_of(session.settings, params.options.tab_size, params.options.insert_spaces)
        return [dialect.text_edit(edit) for edit in format_edits(dialect.tree, options)]

    @answering(server, session, types.TEXT_DOCUMENT_RANGE_FORMATTING)
    def on_range_formatting(dialect: Dialect, params: types.DocumentRangeFormattingParams) -> list[types.TextEdit]:
        options = style_of(session.settings, params.options.tab_size, params.options.insert_spaces)
        within = dialect.span(params.range)
        return [dialect.text_edit(edit) for edit in format_edits(dialect.tree, options, within)]

    kinds = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, FIX_ALL])

    @answering(server, session, types.TEXT_DOCUMENT_CODE_ACTION, kinds)
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
