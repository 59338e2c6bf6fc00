"""A small language client over stdio: enough to drive any server and to time it."""

import json
import os
import queue
import shlex
import subprocess
import threading
import time

CAPABILITIES = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {
        "applyEdit": True,
        "configuration": True,
        "workspaceFolders": True,
        "workspaceEdit": {"documentChanges": True},
        "didChangeConfiguration": {"dynamicRegistration": True},
    },
    "textDocument": {
        "synchronization": {"didSave": True},
        "publishDiagnostics": {
            "versionSupport": True,
            "relatedInformation": True,
            "codeDescriptionSupport": True,
            "tagSupport": {"valueSet": [1, 2]},
        },
        "completion": {
            "completionItem": {
                "snippetSupport": True,
                "deprecatedSupport": True,
                "documentationFormat": ["markdown", "plaintext"],
                "labelDetailsSupport": True,
            }
        },
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "signatureHelp": {
            "signatureInformation": {"documentationFormat": ["markdown"], "activeParameterSupport": True}
        },
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "codeAction": {
            "codeActionLiteralSupport": {
                "codeActionKind": {
                    "valueSet": ["", "quickfix", "refactor", "source", "source.fixAll", "source.organizeImports"]
                }
            }
        },
        "rename": {"prepareSupport": True},
        "foldingRange": {"lineFoldingOnly": False},
        "documentLink": {"tooltipSupport": True},
        "semanticTokens": {
            "requests": {"full": True, "range": True},
            "formats": ["relative"],
            "tokenTypes": [
                "namespace",
                "type",
                "class",
                "enum",
                "interface",
                "struct",
                "typeParameter",
                "parameter",
                "variable",
                "property",
                "enumMember",
                "event",
                "function",
                "method",
                "macro",
                "keyword",
                "modifier",
                "comment",
                "string",
                "number",
                "regexp",
                "operator",
                "decorator",
            ],
            "tokenModifiers": [
                "declaration",
                "definition",
                "readonly",
                "static",
                "deprecated",
                "abstract",
                "async",
                "modification",
                "documentation",
                "defaultLibrary",
            ],
        },
    },
}


class Failure(Exception):
    """The server answered a request with an error."""


class Client:
    def __init__(self, command: str):
        self.born = time.perf_counter()
        self.process = subprocess.Popen(
            shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.number = 0
        self.answers = {}
        self.diagnostics = queue.Queue()
        self.registered = []
        self.version = {}
        self.lock = threading.Condition()
        self.dead = False
        threading.Thread(target=self._read, daemon=True).start()

    # --- the wire

    def _send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def _read(self):
        stream = self.process.stdout
        while True:
            length = None
            while (line := stream.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if length is None:
                break
            body = stream.read(length)
            arrived = time.perf_counter()
            self._take(json.loads(body), arrived)
        with self.lock:
            self.dead = True
            self.lock.notify_all()

    def _take(self, message, arrived):
        method = message.get("method")
        if method is None:
            with self.lock:
                self.answers[message["id"]] = (message, arrived)
                self.lock.notify_all()
        elif "id" in message:
            result = None
            if method == "workspace/configuration":
                result = [None] * len(message["params"]["items"])
            elif method == "client/registerCapability":
                self.registered += [item["method"] for item in message["params"]["registrations"]]
            elif method == "workspace/applyEdit":
                result = {"applied": True}
            self._send({"id": message["id"], "result": result})
        elif method == "textDocument/publishDiagnostics":
            self.diagnostics.put((message["params"], arrived))

    # --- what a client says

    def notify(self, method, params):
        self._send({"method": method, "params": params})

    def request(self, method, params, patience=60.0):
        """(result, seconds)."""
        self.number += 1
        number = self.number
        start = time.perf_counter()
        self._send({"id": number, "method": method, "params": params})
        with self.lock:
            if not self.lock.wait_for(lambda: number in self.answers or self.dead, patience):
                raise Failure(f"{method}: no answer in {patience} s")
            if number not in self.answers:
                raise Failure(f"{method}: the server went away")
            message, arrived = self.answers.pop(number)
        if "error" in message:
            raise Failure(f"{method}: {message['error'].get('message')}")
        return message.get("result"), arrived - start

    def start(self):
        """Initialises; returns (result, seconds since the process was started)."""
        result, _ = self.request(
            "initialize",
            {"processId": os.getpid(), "rootUri": None, "workspaceFolders": None, "capabilities": CAPABILITIES},
        )
        seconds = time.perf_counter() - self.born
        self.notify("initialized", {})
        return result, seconds

    def open(self, uri, text):
        self.version[uri] = 1
        start = time.perf_counter()
        self.notify(
            "textDocument/didOpen",
            {"textDocument": {"uri": uri, "languageId": "dockerfile", "version": 1, "text": text}},
        )
        return start

    def insert(self, uri, line, character, text, removed=0):
        self.version[uri] += 1
        span = {
            "start": {"line": line, "character": character},
            "end": {"line": line, "character": character + removed},
        }
        start = time.perf_counter()
        self.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": uri, "version": self.version[uri]},
                "contentChanges": [{"range": span, "text": text}],
            },
        )
        return start

    def close(self, uri):
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def wait_diagnostics(self, uri, start, patience=10.0):
        """(diagnostics, seconds since `start`), or (None, patience); of the present version, where the server says."""
        end = time.perf_counter() + patience
        while (left := end - time.perf_counter()) > 0:
            try:
                params, arrived = self.diagnostics.get(timeout=left)
            except queue.Empty:
                break
            if (
                params["uri"] == uri
                and arrived >= start
                and params.get("version", self.version.get(uri)) == self.version.get(uri)
            ):
                return params["diagnostics"], arrived - start
        return None, patience

    def drop_diagnostics(self, quiet=0.2):
        """Empties the queue once nothing has come for `quiet` seconds; returns the time the last report came."""
        last = None
        while True:
            try:
                _, last = self.diagnostics.get(timeout=quiet)
            except queue.Empty:
                return last

    def stop(self):
        """Ends the server; returns its peak RSS in MiB (the largest process)."""
        try:
            self.request("shutdown", None, patience=10)
            self.notify("exit", None)
        except (Failure, OSError):
            self.process.terminate()
        timer = threading.Timer(5, self.process.kill)
        timer.start()
        _, status, usage = os.wait4(self.process.pid, 0)
        timer.cancel()
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.process.stdin.close()
        return usage.ru_maxrss / 1024


def at(uri, line, character):
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
