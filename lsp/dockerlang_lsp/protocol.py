"""The wire: what a client does wrong is answered in one line, and the process ends as the protocol says."""

from __future__ import annotations

import json
import logging
from collections.abc import Generator
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcServerNotInitialized
from pygls.protocol import LanguageServerProtocol, lsp_method

from dockerlang_lsp.encoded import Encoded

log = logging.getLogger(__name__)


def _pass_on(method: str) -> Any:
    @lsp_method(method)
    def handle(protocol: SteadyProtocol, params: Any) -> Generator[Any, Any, None]:
        yield protocol.fm.features[method], (params,), None

    return handle


class SteadyProtocol(LanguageServerProtocol):
    """pygls's protocol, without its own copy of the documents and without tracebacks in answers."""

    exit_code = 0
    """What the process ends with: 1 after an `exit` that no `shutdown` came before."""

    @lsp_method(types.EXIT)
    def lsp_exit(self, *arguments: Any) -> Generator[Any, Any, None]:
        """End the process; the library forgets the status on its way out."""
        self.exit_code = 0 if self._shutdown else 1
        yield from super().lsp_exit(*arguments)

    # Our session keeps the documents: the library's lines end at form feeds and other separators too.
    lsp_text_document__did_open = _pass_on(types.TEXT_DOCUMENT_DID_OPEN)
    lsp_text_document__did_change = _pass_on(types.TEXT_DOCUMENT_DID_CHANGE)
    lsp_text_document__did_close = _pass_on(types.TEXT_DOCUMENT_DID_CLOSE)

    def structure_message(self, data: dict[str, Any]) -> Any:
        """A message as its type. A request whose parameters are wrong is answered, so that nobody waits for it."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(data["id"], error=error.to_response_error())
            raise

    def _handle_request(self, msg_id: Any, method_name: str, params: Any) -> None:
        if self._workspace is None and method_name != types.INITIALIZE:
            error = JsonRpcServerNotInitialized("the server waits for `initialize`")
            self._send_response(msg_id, error=error.to_response_error())
            return
        super()._handle_request(msg_id, method_name, params)

    def notify_encoded(self, method: str, params: str) -> None:
        """Send a notification whose parameters are JSON text already."""
        self._write(f'{{"jsonrpc":"2.0","method":"{method}","params":{params}}}')

    def answer_cancelled(self, msg_id: Any) -> None:
        """Answer a request that the client no longer wants."""
        error = types.ResponseError(types.LSPErrorCodes.RequestCancelled, "the request was cancelled")
        self._send_response(msg_id, error=error)

    def _write(self, body: str) -> None:
        assert self.writer is not None, "the server has a writer from its start"
        data = body.encode()
        self.writer.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)

    def _send_response(self, msg_id: Any, result: Any = None, error: Any = None) -> None:
        if error is None and isinstance(result, Encoded):
            self._result_types.pop(msg_id, None)
            self._write(f'{{"jsonrpc":"2.0","id":{json.dumps(msg_id)},"result":{result}}}')
            return
        if error is not None and error.data is not None:
            # Here the library has put the traceback.
            log.error("%s\n%s", error.message, "".join((error.data or {}).get("traceback", ())))
            error.data = None
        super()._send_response(msg_id, result, error)
