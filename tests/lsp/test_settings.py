"""The project's own configuration counts in the editor, and changes of it are seen."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types

from tests.lsp.conftest import Editor


async def test_the_configuration_and_the_ignore_file_of_the_project_count(editor: Editor, tmp_path: Path) -> None:
    configuration = tmp_path / ".hadolint.yaml"
    configuration.write_text("ignored: [DL3020]\n")
    uri = (tmp_path / "Dockerfile").as_uri()
    editor.open("FROM scratch\nADD app /app\n", uri)
    assert "DL3020" not in codes(await editor.diagnostics())
    configuration.write_text("override:\n  info: [DL3020]\n")
    tell(editor, configuration)
    (finding,) = [found for found in (await editor.diagnostics()).diagnostics if found.code == "DL3020"]
    assert finding.severity is types.DiagnosticSeverity.Information
    ignore_file = tmp_path / ".dockerignore"
    ignore_file.write_text("app\n")
    tell(editor, ignore_file)
    assert "CopyIgnoredFile" in codes(await editor.diagnostics(lambda found: "CopyIgnoredFile" in codes(found)))


async def test_a_broken_configuration_leaves_the_rules_as_they_are(editor: Editor, tmp_path: Path) -> None:
    (tmp_path / ".hadolint.yaml").write_text("[")
    editor.open("FROM scratch\nADD app /app\n", (tmp_path / "Dockerfile").as_uri())
    assert "DL3020" in codes(await editor.diagnostics())


def tell(editor: Editor, path: Path) -> None:
    change = types.FileEvent(path.as_uri(), types.FileChangeType.Changed)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))


def codes(published: types.PublishDiagnosticsParams) -> set[object]:
    return {finding.code for finding in published.diagnostics}
