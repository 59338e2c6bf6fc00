"""What the client can do, read once from its `initialize` request, and what its user has set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lsprotocol import types

from dockerlang.formatter import KeywordCase, Options
from dockerlang.formatter.options import MAXIMUM_INDENT
from dockerlang.text import Encoding

SECTION = "dockerlang"


@dataclass(frozen=True, slots=True)
class Client:
    """The abilities that change what we send."""

    encoding: Encoding = Encoding.UTF16
    shows_markdown: bool = False
    shows_outline_as_tree: bool = False
    takes_versioned_edits: bool = False
    takes_code_actions: bool = False
    gives_settings: bool = False
    registers_settings: bool = False


def client_of(capabilities: types.ClientCapabilities) -> Client:
    """The abilities that a client declares; what it leaves out it cannot do."""
    document = capabilities.text_document or types.TextDocumentClientCapabilities()
    workspace = capabilities.workspace or types.WorkspaceClientCapabilities()
    hover = document.hover.content_format if document.hover else None
    symbol, action, edit = document.document_symbol, document.code_action, workspace.workspace_edit
    changes = workspace.did_change_configuration
    return Client(
        encoding=_encoding(capabilities.general),
        shows_markdown=types.MarkupKind.Markdown in (hover or ()),
        shows_outline_as_tree=bool(symbol and symbol.hierarchical_document_symbol_support),
        takes_versioned_edits=bool(edit and edit.document_changes),
        takes_code_actions=bool(action and action.code_action_literal_support),
        gives_settings=bool(workspace.configuration),
        registers_settings=bool(changes and changes.dynamic_registration),
    )


def _encoding(general: types.GeneralClientCapabilities | None) -> Encoding:
    """The first encoding of the client's list that we know, in the client's order of preference; else UTF-16.

    The library answers the client by the same rule.
    """
    known = {encoding.value: encoding for encoding in Encoding}
    wanted = (general.position_encodings if general else None) or ()
    return next((known[encoding] for encoding in wanted if encoding in known), Encoding.UTF16)


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What the user chose in the editor. Indentation is not here: editors send it with each request to format."""

    does_lint: bool = True
    does_check_shell: bool = True
    keyword_case: KeywordCase = KeywordCase.UPPER
    does_keep_shell: bool = False


def settings_of(value: object) -> ServerSettings:
    """Settings from JSON; what is missing or of the wrong kind keeps its default.

    Some clients send the section's content, others an object that holds the section.
    """
    sections = _mapping(value)
    sections = _mapping(sections.get(SECTION, sections))
    lint, style = _mapping(sections.get("lint")), _mapping(sections.get("format"))
    default = ServerSettings()
    return ServerSettings(
        does_lint=_kept(lint.get("enable"), default.does_lint),
        does_check_shell=_kept(lint.get("shellcheck"), default.does_check_shell),
        keyword_case=next(
            (case for case in KeywordCase if case.value == style.get("keywordCase")), default.keyword_case
        ),
        does_keep_shell=_kept(style.get("keepShell"), default.does_keep_shell),
    )


def style_of(settings: ServerSettings, chosen: types.FormattingOptions) -> Options:
    """How to format: the user's settings, with the indentation of the editor."""
    return Options(
        keyword_case=settings.keyword_case,
        indent=min(max(chosen.tab_size, 1), MAXIMUM_INDENT),
        does_use_tabs=not chosen.insert_spaces,
        does_keep_shell=settings.does_keep_shell,
    )


def _mapping(value: object) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    # The library turns objects that the protocol leaves open into named tuples.
    fields = getattr(value, "_asdict", None)
    return fields() if fields is not None else {}


def _kept(value: object, default: bool) -> bool:
    return value if isinstance(value, bool) else default
