"""What a person sees in an editor, asked by a real client of the real server."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.lsp.conftest import URI, Editor, modern, started

# The client holds each answer against the protocol and against what it said it can do.
pytestmark = pytest.mark.filterwarnings("error::pytest_lsp.LspSpecificationWarning")

DOCUMENT = types.TextDocumentIdentifier(URI)
TEXT = """\
ARG VERSION=12
from debian:$VERSION AS build
RUN echo $HOME
FROM scratch
ADD app /app
COPY --from=build /x /y
"""


def at(line: int, character: int) -> types.Position:
    return types.Position(line, character)


def everything() -> types.Range:
    return types.Range(at(0, 0), at(99, 0))


def applied(text: str, edits: object) -> str:
    """The text after edits in lines and UTF-16 columns, applied from the end."""
    assert isinstance(edits, (list, tuple))
    lines = text.splitlines(keepends=True)
    for edit in sorted(edits, key=lambda edit: (edit.range.start.line, edit.range.start.character), reverse=True):
        start, end = (
            sum(len(line) for line in lines[: position.line]) + position.character
            for position in (edit.range.start, edit.range.end)
        )
        joined = "".join(lines)
        lines = (joined[:start] + edit.new_text + joined[end:]).splitlines(keepends=True)
    return "".join(lines)


async def test_findings_come_at_once_and_those_of_the_scripts_follow(editor: Editor) -> None:
    editor.open(TEXT)
    first = await editor.diagnostics()
    assert first.version == 1
    (add,) = (found for found in first.diagnostics if found.code == "DL3020")
    assert add.range == types.Range(at(4, 0), at(4, 3))
    assert add.severity is types.DiagnosticSeverity.Error
    assert add.source == "dockerlang"
    assert add.code_description is not None
    assert add.code_description.href.startswith("https://")
    second = await editor.diagnostics()
    assert "SC2086" in {found.code for found in second.diagnostics}
    assert {found.code for found in first.diagnostics} < {found.code for found in second.diagnostics}


async def test_findings_follow_each_change_and_leave_with_the_document(editor: Editor) -> None:
    editor.open("FROM scratch\nFOO bar\n")
    assert [found.code for found in (await editor.diagnostics()).diagnostics] == ["unknown-instruction"]
    editor.change(types.TextDocumentContentChangePartial(types.Range(at(1, 0), at(1, 3)), "USER"))
    fixed = await editor.diagnostics(lambda published: published.version == 2)
    assert "unknown-instruction" not in {found.code for found in fixed.diagnostics}
    editor.client.text_document_did_close(types.DidCloseTextDocumentParams(DOCUMENT))
    last = await editor.diagnostics(lambda published: published.version is None)
    assert not last.diagnostics


async def test_the_last_of_many_changes_is_what_counts(editor: Editor) -> None:
    editor.open('FROM scratch\nCMD ["/x"]\n')
    for number in range(200):
        insert = types.Range(at(1, 0), at(1, 0))
        editor.change(types.TextDocumentContentChangePartial(insert, "F" if number < 199 else "WRONG"))
    last = await editor.diagnostics(lambda published: published.version == 201)
    (finding,) = (found for found in last.diagnostics if found.code == "unknown-instruction")
    assert finding.range == types.Range(at(1, 0), at(1, len("WRONG") + 199 + len("CMD")))


async def test_findings_of_scripts_move_with_the_text_while_someone_types(editor: Editor) -> None:
    editor.open("FROM scratch\nRUN echo $HOME\n")
    await editor.diagnostics(lambda published: any(found.code == "SC2086" for found in published.diagnostics))
    editor.change(types.TextDocumentContentChangePartial(types.Range(at(0, 0), at(0, 0)), "# note\n"))
    moved = await editor.diagnostics(lambda published: published.version == 2)
    (script,) = (found for found in moved.diagnostics if found.code == "SC2086")
    assert script.range == types.Range(at(2, 9), at(2, 14))


async def test_quick_fixes_answer_the_findings_under_the_cursor(editor: Editor) -> None:
    editor.open(TEXT)
    chosen = types.CodeActionParams(DOCUMENT, types.Range(at(4, 1), at(4, 1)), types.CodeActionContext([]))
    actions = await editor.client.text_document_code_action_async(chosen)
    action, *others = (action for action in actions or () if isinstance(action, types.CodeAction))
    assert {"Ignore DL3020 here", "Ignore DL3020 in this file"} <= {other.title for other in others}
    assert action.kind == types.CodeActionKind.QuickFix
    assert action.is_preferred
    assert [found.code for found in action.diagnostics or ()] == ["DL3020"]
    assert action.edit is not None
    assert action.edit.document_changes is not None
    (change,) = action.edit.document_changes
    assert isinstance(change, types.TextDocumentEdit)
    assert (change.text_document.uri, change.text_document.version) == (URI, 1)
    assert applied(TEXT, change.edits) == TEXT.replace("ADD", "COPY")


async def test_other_kinds_of_actions_are_not_offered(editor: Editor) -> None:
    editor.open(TEXT)
    wanted = types.CodeActionContext([], only=[types.CodeActionKind.SourceOrganizeImports])
    assert not await editor.client.text_document_code_action_async(
        types.CodeActionParams(DOCUMENT, everything(), wanted)
    )


async def test_formatting(editor: Editor) -> None:
    editor.open("from scratch\nrun a \\\n  b\n")
    params = types.DocumentFormattingParams(DOCUMENT, types.FormattingOptions(tab_size=2, insert_spaces=True))
    edits = await editor.client.text_document_formatting_async(params)
    text = applied("from scratch\nrun a \\\n  b\n", edits)
    assert text.splitlines()[0] == "FROM scratch"
    assert text.splitlines()[-1] == "  b"
    editor.change(types.TextDocumentContentChangeWholeDocument(text))
    assert not await editor.client.text_document_formatting_async(params)


async def test_formatting_of_a_range_leaves_the_rest(editor: Editor) -> None:
    text = "from scratch\nuser x\nuser y\n"
    editor.open(text)
    options = types.FormattingOptions(tab_size=4, insert_spaces=True)
    second_line = types.Range(at(1, 0), at(1, 2))
    edits = await editor.client.text_document_range_formatting_async(
        types.DocumentRangeFormattingParams(DOCUMENT, second_line, options)
    )
    assert applied(text, edits).splitlines()[0] == "from scratch"
    assert "USER x" in applied(text, edits)
    assert "user y" in applied(text, edits)


async def test_formatting_options_out_of_range_are_no_error(editor: Editor) -> None:
    editor.open("from scratch\n")
    for tab_size in (0, 1000):
        options = types.FormattingOptions(tab_size=tab_size, insert_spaces=False)
        params = types.DocumentFormattingParams(DOCUMENT, options)
        assert await editor.client.text_document_formatting_async(params)


async def test_completion_replaces_the_typed_word(editor: Editor) -> None:
    editor.open("FROM scratch AS base\nFROM scratch\nCOPY --from=b")
    params = types.CompletionParams(DOCUMENT, at(2, 13))
    items = await editor.client.text_document_completion_async(params)
    assert isinstance(items, (list, tuple))
    (item,) = items
    assert item.label == "base"
    assert item.text_edit == types.TextEdit(types.Range(at(2, 12), at(2, 13)), "base")


async def test_hover_is_markdown(editor: Editor) -> None:
    editor.open(TEXT)
    card = await editor.client.text_document_hover_async(types.HoverParams(DOCUMENT, at(1, 16)))
    assert card is not None
    assert isinstance(card.contents, types.MarkupContent)
    assert card.contents.kind is types.MarkupKind.Markdown
    assert "`VERSION` = `12`" in card.contents.value
    assert card.range == types.Range(at(1, 12), at(1, 20))


async def test_definition_and_references(editor: Editor) -> None:
    editor.open(TEXT)
    place = await editor.client.text_document_definition_async(types.DefinitionParams(DOCUMENT, at(5, 14)))
    named = types.Location(URI, types.Range(at(1, 24), at(1, 29)))
    used = types.Location(URI, types.Range(at(5, 12), at(5, 17)))
    assert place == named
    for with_declaration, expected in ((True, [named, used]), (False, [used])):
        params = types.ReferenceParams(types.ReferenceContext(with_declaration), DOCUMENT, at(1, 25))
        assert list(await editor.client.text_document_references_async(params) or ()) == expected


async def test_outline_and_folds(editor: Editor) -> None:
    editor.open(TEXT)
    assert await editor.outline() == [
        "ARG VERSION 12", "build debian:$VERSION", "RUN echo $HOME", "scratch", "ADD app /app",
        "COPY --from=build /x /y",
    ]  # fmt: skip
    folds = await editor.client.text_document_folding_range_async(types.FoldingRangeParams(DOCUMENT))
    assert [(fold.start_line, fold.end_line) for fold in folds or ()] == [(1, 2), (3, 5)]


async def test_a_client_that_can_do_nothing_gets_what_it_understands() -> None:
    async with started(types.ClientCapabilities()) as editor:
        editor.open(TEXT)
        card = await editor.client.text_document_hover_async(types.HoverParams(DOCUMENT, at(0, 0)))
        assert card is not None
        assert isinstance(card.contents, types.MarkupContent)
        assert card.contents.kind is types.MarkupKind.PlainText
        symbols = await editor.client.text_document_document_symbol_async(types.DocumentSymbolParams(DOCUMENT))
        assert symbols
        assert all(isinstance(symbol, types.SymbolInformation) for symbol in symbols)
        wanted = types.CodeActionParams(DOCUMENT, everything(), types.CodeActionContext([]))
        assert not await editor.client.text_document_code_action_async(wanted)


async def test_settings_are_fetched_and_followed() -> None:
    off = {"lint": {"enable": False}, "format": {"keywordCase": "lower"}}
    async with started(settings=off, options=off) as editor:
        editor.open(TEXT)
        assert not (await editor.diagnostics()).diagnostics
        params = types.DocumentFormattingParams(DOCUMENT, types.FormattingOptions(4, True))
        edits = await editor.client.text_document_formatting_async(params)
        assert applied(TEXT, edits).startswith("arg VERSION=12")
        editor.client.set_configuration({"lint": {"enable": True, "shellcheck": "what"}}, section="dockerlang")
        editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
        found = await editor.diagnostics(lambda published: bool(published.diagnostics))
        assert "DL3020" in {diagnostic.code for diagnostic in found.diagnostics}


async def test_settings_that_a_client_pushes() -> None:
    capabilities = types.ClientCapabilities()
    async with started(capabilities, options={"dockerlang": {"lint": {"enable": False}}}) as editor:
        editor.open("FROM scratch\nADD a b\nFOO\n")
        # Mistakes of syntax are always shown.
        assert [found.code for found in (await editor.diagnostics()).diagnostics] == ["unknown-instruction"]
        editor.client.workspace_did_change_configuration(
            types.DidChangeConfigurationParams({"dockerlang": {"lint": {"enable": True}}})
        )
        found = await editor.diagnostics(lambda published: len(published.diagnostics) > 1)
        assert "DL3020" in {diagnostic.code for diagnostic in found.diagnostics}


async def test_the_ignore_file_beside_the_dockerfile_is_known(tmp_path: Path) -> None:
    (tmp_path / ".dockerignore").write_text("secret\n")
    uri = (tmp_path / "Dockerfile").as_uri()
    async with started() as editor:
        editor.open("FROM scratch\nCOPY secret /x\n", uri)
        assert "CopyIgnoredFile" in {found.code for found in (await editor.diagnostics()).diagnostics}


async def test_encodings_are_negotiated_in_the_order_of_the_client() -> None:
    text = "# é😀\nFROM scratch AS é😀\nADD a b\n"
    for wanted, columns in ((("utf-8",), 6), (("utf-32", "utf-8"), 2), (("nonsense", "utf-16"), 3), ((), 3)):
        async with started(modern(*wanted)) as editor:
            chosen = next((name for name in wanted if name.startswith("utf")), "utf-16")
            assert editor.initialized.capabilities.position_encoding == chosen
            editor.open(text)
            start = len("FROM scratch AS ")
            place = await editor.client.text_document_definition_async(types.DefinitionParams(DOCUMENT, at(1, start)))
            assert isinstance(place, types.Location)
            assert place.range == types.Range(at(1, start), at(1, start + columns))


async def test_all_safe_fixes_are_made_when_an_editor_asks_for_them(editor: Editor) -> None:
    editor.open(TEXT)
    context = types.CodeActionContext([], only=["source.fixAll"])
    actions = await editor.client.text_document_code_action_async(
        types.CodeActionParams(DOCUMENT, everything(), context)
    )
    (action,) = (action for action in actions or () if isinstance(action, types.CodeAction))
    assert action.kind == "source.fixAll.dockerlang"
    assert action.edit is not None
    (change,) = action.edit.document_changes or ()
    assert isinstance(change, types.TextDocumentEdit)
    assert "COPY app /app" in applied(TEXT, change.edits)


async def test_rename_changes_every_place_and_says_why_it_cannot(editor: Editor) -> None:
    editor.open(TEXT)
    prepared = await editor.client.text_document_prepare_rename_async(types.PrepareRenameParams(DOCUMENT, at(5, 13)))
    assert prepared == types.Range(at(5, 12), at(5, 17))
    edit = await editor.client.text_document_rename_async(types.RenameParams(DOCUMENT, at(5, 13), "made"))
    assert edit is not None
    (change,) = edit.document_changes or ()
    assert isinstance(change, types.TextDocumentEdit)
    assert applied(TEXT, change.edits) == TEXT.replace("build", "made")
    with pytest.raises(JsonRpcException, match="cannot be the name of a stage"):
        await editor.client.text_document_rename_async(types.RenameParams(DOCUMENT, at(5, 13), "no name"))


async def test_highlights_tell_settings_from_uses(editor: Editor) -> None:
    editor.open(TEXT)
    found = await editor.client.text_document_document_highlight_async(
        types.DocumentHighlightParams(DOCUMENT, at(0, 5))
    )
    assert [place.kind for place in found or ()] == [
        types.DocumentHighlightKind.Write,
        types.DocumentHighlightKind.Read,
    ]


async def test_selections_links_hints_and_signatures(editor: Editor) -> None:
    editor.open(TEXT)
    client = editor.client
    (selection,) = (
        await client.text_document_selection_range_async(types.SelectionRangeParams(DOCUMENT, [at(4, 5)])) or ()
    )
    assert selection.range == types.Range(at(4, 4), at(4, 7))
    assert selection.parent is not None
    links = await client.text_document_document_link_async(types.DocumentLinkParams(DOCUMENT))
    beside = URI.replace("Dockerfile", "app")
    assert [link.target for link in links or ()] == ["https://hub.docker.com/_/debian", beside]
    (hint,) = await client.text_document_inlay_hint_async(types.InlayHintParams(DOCUMENT, everything())) or ()
    assert (hint.position, hint.label) == (at(1, 20), "= 12")
    help = await client.text_document_signature_help_async(types.SignatureHelpParams(DOCUMENT, at(4, 5)))
    assert help is not None
    assert help.signatures[0].label.startswith("ADD ")


async def test_tokens_are_packed_in_units_of_the_client(editor: Editor) -> None:
    editor.open('FROM a\nENV A="\U0001f600$A" B\n')
    full = await editor.client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(DOCUMENT))
    part = await editor.client.text_document_semantic_tokens_range_async(
        types.SemanticTokensRangeParams(DOCUMENT, types.Range(at(0, 0), at(0, 1)))
    )
    assert full is not None
    assert part is not None
    assert list(part.data) == [0, 0, 4, 0, 0]
    # ENV, A, the string up to the variable (a quote, two units, a dollar), the variable, the last quote.
    assert list(full.data)[5:25] == [1, 0, 3, 0, 0, 0, 4, 1, 3, 0, 0, 2, 4, 2, 0, 0, 4, 1, 3, 0]
