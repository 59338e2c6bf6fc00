"""What a client does wrong, and how the server ends: bytes in, bytes out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from dockerlang import __version__
from tests.lsp.conftest import PATIENCE, SERVER

# Each starts a server of its own.
pytestmark = pytest.mark.slow

Message = Mapping[str, object]

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"capabilities": {}, "processId": None, "rootUri": None},
}
INITIALIZED = {"jsonrpc": "2.0", "method": "initialized", "params": {}}
SHUTDOWN = {"jsonrpc": "2.0", "id": 99, "method": "shutdown"}
EXIT = {"jsonrpc": "2.0", "method": "exit"}
URI = "file:///project/Dockerfile"


def request(number: int, method: str, params: object) -> Message:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def notification(method: str, params: object) -> Message:
    return {"jsonrpc": "2.0", "method": method, "params": params}


def opened(text: str) -> Message:
    item = {"uri": URI, "languageId": "dockerfile", "version": 1, "text": text}
    return notification("textDocument/didOpen", {"textDocument": item})


def hover(number: int, uri: str = URI) -> Message:
    return request(
        number, "textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
    )


def framed(message: object) -> bytes:
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def run(*parts: bytes | Message, command: list[str] = SERVER) -> tuple[int, list[dict[str, Any]], str]:
    """The exit status, the messages and the log of a server that is given these parts and then the end of input."""
    data = b"".join(part if isinstance(part, bytes) else framed(part) for part in parts)
    process = subprocess.run(command, input=data, capture_output=True, timeout=PATIENCE, check=False)
    messages = []
    rest = process.stdout
    while rest:
        head, _, rest = rest.partition(b"\r\n\r\n")
        length = int(next(line.split(b":")[1] for line in head.split(b"\r\n") if line.startswith(b"Content-Length")))
        messages.append(json.loads(rest[:length]))
        rest = rest[length:]
    return process.returncode, messages, process.stderr.decode()


def answers(messages: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    return {message["id"]: message for message in messages if "id" in message and "method" not in message}


def test_shutdown_and_exit_end_with_0_and_exit_alone_with_1() -> None:
    assert run(INITIALIZE, INITIALIZED, SHUTDOWN, EXIT)[0] == 0
    assert run(INITIALIZE, INITIALIZED, EXIT)[0] == 1


@pytest.mark.parametrize("sent", [(), (INITIALIZE,), (INITIALIZE, INITIALIZED, opened("FROM scratch\nRUN x\n"))])
def test_a_client_that_is_gone_ends_the_server(sent: tuple[Message, ...]) -> None:
    status, _, log = run(*sent)
    assert status == 0
    assert "Traceback" not in log


@pytest.mark.parametrize(
    "garbage",
    [
        b"hello\r\n\r\n",
        b"\x00\xff\xfe\r\n" * 3,
        b"Content-Length: nonsense\r\n\r\n",
        b"Content-Length: 4\r\n\r\n{x]}",
        b"Content-Length: 2\r\n\r\n[]",
        b"Content-Length: 4\r\n\r\nnull",
        b"Content-Length: 2\r\n\r\n\xff\xff",
        framed({"jsonrpc": "1.0", "method": "what"}),
        framed({"jsonrpc": "2.0", "method": 5}),
        framed(notification("textDocument/didOpen", {"nothing": "right"})),
        framed(
            notification("textDocument/didChange", {"textDocument": {"uri": "x:y", "version": 1}, "contentChanges": []})
        ),
        framed(notification("unknown/notification", {})),
        framed({"jsonrpc": "2.0", "id": 77, "result": None}),
    ],
)
def test_garbage_is_passed_over(garbage: bytes) -> None:
    status, messages, log = run(INITIALIZE, INITIALIZED, garbage, opened("FROM scratch\n"), hover(2), SHUTDOWN, EXIT)
    assert status == 0
    assert answers(messages)[2]["result"]["contents"]["value"].startswith("Begins a stage")
    assert "Traceback" not in log
    assert not [message for message in messages if message.get("method", "").startswith("window/")]


def test_a_message_that_is_cut_off_ends_with_the_input() -> None:
    status, messages, log = run(INITIALIZE, b"Content-Length: 1000\r\n\r\n{}")
    assert status == 0
    assert list(answers(messages)) == [1]
    assert "Traceback" not in log


def test_wrong_requests_are_answered_in_one_line() -> None:
    status, messages, log = run(
        INITIALIZE,
        INITIALIZED,
        request(2, "textDocument/hover", {"textDocument": "no"}),
        request(3, "textDocument/unheardOf", {}),
        request(4, "workspace/executeCommand", {"command": "none"}),
        SHUTDOWN,
        EXIT,
    )
    assert status == 0
    errors = {number: answer["error"] for number, answer in answers(messages).items() if "error" in answer}
    assert {number: error["code"] for number, error in errors.items()} == {2: -32602, 3: -32601, 4: -32602}
    for error in errors.values():
        assert "\n" not in error["message"]
        assert not error.get("data")
    assert "Traceback" not in log


def test_a_bug_of_ours_is_one_line_for_the_client_and_a_traceback_in_the_log() -> None:
    broken = (
        "import dockerlang_lsp.reading as r; r.hover = lambda *a: 1 // 0; import dockerlang_lsp.server as s; s.main()"
    )
    command = [sys.executable, "-c", broken]
    status, messages, log = run(
        INITIALIZE, INITIALIZED, opened("FROM a\n"), hover(2), hover(3), SHUTDOWN, EXIT, command=command
    )
    assert status == 0
    for number in (2, 3):
        error = answers(messages)[number]["error"]
        assert error["code"] == -32603
        assert "ZeroDivisionError" in error["message"]
        assert "\n" not in error["message"]
        assert "data" not in error
    assert "<string>" in log


def test_requests_before_initialize_are_refused() -> None:
    _, messages, _ = run(hover(5), INITIALIZE, SHUTDOWN, EXIT)
    assert answers(messages)[5]["error"]["code"] == -32002
    assert "result" in answers(messages)[1]


def test_requests_about_documents_that_are_not_open_get_nothing() -> None:
    place = {"textDocument": {"uri": URI}, "position": {"line": 3, "character": 3}}
    style = {"tabSize": 4, "insertSpaces": True}
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
    asked = [
        request(10, "textDocument/hover", place),
        request(11, "textDocument/completion", place),
        request(12, "textDocument/definition", place),
        request(13, "textDocument/references", {**place, "context": {"includeDeclaration": True}}),
        request(14, "textDocument/documentSymbol", {"textDocument": {"uri": URI}}),
        request(15, "textDocument/foldingRange", {"textDocument": {"uri": URI}}),
        request(16, "textDocument/formatting", {"textDocument": {"uri": URI}, "options": style}),
        request(17, "textDocument/rangeFormatting", {"textDocument": {"uri": URI}, "options": style, "range": whole}),
        request(
            18,
            "textDocument/codeAction",
            {"textDocument": {"uri": URI}, "range": whole, "context": {"diagnostics": []}},
        ),
    ]
    closed = notification("textDocument/didClose", {"textDocument": {"uri": URI}})
    status, messages, _ = run(
        INITIALIZE, INITIALIZED, *asked, opened("FROM a\n"), closed, closed, *asked, SHUTDOWN, EXIT
    )
    assert status == 0
    for number in range(10, 19):
        assert answers(messages)[number].get("result", "missing") is None
    last = [message for message in messages if message.get("method") == "textDocument/publishDiagnostics"][-1]
    assert last["params"]["diagnostics"] == []


@pytest.mark.parametrize("text", ["", "\x00", "\ud83d", "RUN <<EOF\n", "\\\n" * 50, "\ufeff\r\r\n", "FROM a\n" * 500])
def test_strange_texts_are_documents_like_others(text: str) -> None:
    change = {"range": {"start": {"line": 0, "character": 1}, "end": {"line": 999, "character": 0}}, "text": "\udc00x"}
    status, messages, log = run(
        INITIALIZE,
        INITIALIZED,
        opened(text),
        notification(
            "textDocument/didChange", {"textDocument": {"uri": URI, "version": 2}, "contentChanges": [change]}
        ),
        request(2, "textDocument/documentSymbol", {"textDocument": {"uri": URI}}),
        SHUTDOWN,
        EXIT,
    )
    assert status == 0
    assert "result" in answers(messages)[2]
    assert "Traceback" not in log


def test_version() -> None:
    done = subprocess.run([*SERVER, "--version"], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert done.stdout == f"dockerlang-lsp {__version__}\n"


def test_the_command_starts_the_same_server() -> None:
    command = [sys.executable, "-m", "dockerlang", "lsp", "--stdio"]
    status, messages, _ = run(INITIALIZE, INITIALIZED, SHUTDOWN, EXIT, command=command)
    assert status == 0
    assert answers(messages)[1]["result"]["serverInfo"]["name"] == "dockerlang"
