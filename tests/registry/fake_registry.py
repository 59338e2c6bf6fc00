"""A registry in this process, on loopback, that fails on demand.

It keeps blobs and manifests in memory and speaks enough of the distribution specification for a client. What goes wrong
is said by `Faults`; what was asked is in `requests`, with the headers, so that a test can see what was told to whom.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@dataclass
class Faults:
    """What goes wrong. Counters are used up; everything else lasts until it is changed."""

    statuses: list[int] = field(default_factory=list)
    """Answers to the next requests, whatever they ask."""
    retry_after: str = ""
    statuses_of_blobs: int = 0
    """The answer to whoever asks for a blob."""
    cut_manifests: int = 0
    """So many manifests are cut in their middle."""
    cut_every: int = 0
    """Blobs are cut after that many bytes, each time."""
    ignores_range: bool = False
    replaced_blobs: dict[str, bytes] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)
    """A false Content-Length for a digest."""
    content_type: str = ""
    announced_digest: str = ""
    coding: str = ""
    """`gzip` codes manifests and blobs for the way; `claimed` only says so of blobs."""
    redirect_blobs_to: str = ""
    refuses_mount: bool = False
    relative_location: bool = False
    largest_body: int = 0
    failing_puts: int = 0
    page: int = 0
    challenge: str = ""
    """Replaces the value of WWW-Authenticate."""
    warning: str = ""


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class FakeRegistry:
    """The state of the registry; `users` switches authentication on, `scheme` says which kind."""

    blobs: dict[str, dict[str, bytes]] = field(default_factory=dict)
    manifests: dict[str, dict[str, tuple[bytes, str]]] = field(default_factory=dict)
    uploads: dict[str, bytearray] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    scheme: str = ""
    refresh_tokens: dict[str, str] = field(default_factory=dict)
    anonymous_pull: bool = False
    tokens: dict[str, frozenset[str]] = field(default_factory=dict)
    grants_less: int = 0
    has_referrers: bool = False
    """Whether it keeps lists of what refers to a manifest; the page of a list holds two."""
    found: list[dict[str, object]] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    requests: list[Asked] = field(default_factory=list)
    address: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add_blob(self, repository: str, data: bytes) -> str:
        self.blobs.setdefault(repository, {})[digest_of(data)] = data
        return digest_of(data)

    def add_manifest(self, repository: str, tag: str, data: bytes, media_type: str = OCI_MANIFEST) -> str:
        digest = digest_of(data)
        names = self.manifests.setdefault(repository, {})
        names[digest] = names[tag] = (data, media_type)
        return digest

    def paths(self, method: str) -> list[str]:
        return [asked.path for asked in self.requests if asked.method == method]

    def expire_tokens(self) -> None:
        self.tokens.clear()


@contextmanager
def serving(registry: FakeRegistry) -> Iterator[FakeRegistry]:
    """The registry at a free port of 127.0.0.1."""

    class Handler(_Handler):
        state = registry

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    registry.address = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    state: FakeRegistry
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def handle(self) -> None:
        with suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        self._serve()

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        faults = self.state.faults
        if faults.largest_body and length > faults.largest_body:
            self.close_connection = True
            self._answer(413)
            return
        body = self.rfile.read(length)
        with self.state.lock:
            self.state.requests.append(Asked(self.command, self.path, dict(self.headers), body))
            status = faults.statuses.pop(0) if faults.statuses else 0
        if status:
            headers = {"Retry-After": faults.retry_after} if faults.retry_after else {}
            self._answer(status, headers=headers)
            return
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/token":
            self._token(body, parse_qs(parts.query))
        elif parts.path == "/v1/search":
            self._answer(200, json.dumps({"results": self.state.found}).encode())
        elif parts.path.startswith("/elsewhere/"):
            self._content(self._any_blob(parts.path.removeprefix("/elsewhere/")))
        elif not self._is_allowed(parts.path):
            self._refuse(parts.path)
        elif parts.path == "/v2/":
            self._answer(200)
        else:
            self._repository(parts.path, query, body)

    def _repository(self, path: str, query: dict[str, str], body: bytes) -> None:
        match = re.fullmatch(r"/v2/(.+?)/(manifests|blobs/uploads|blobs|tags|referrers)(?:/(.*))?", path)
        if match is None:
            self._fail(404, "UNSUPPORTED")
            return
        repository, kind, rest = match.groups()
        match kind:
            case "manifests":
                self._manifest(repository, rest, body)
            case "tags":
                self._tags(repository, query)
            case "referrers":
                self._referrers(repository, rest, query)
            case "blobs":
                self._blob(repository, rest)
            case _:
                self._upload(repository, rest or "", query, body)

    def _manifest(self, repository: str, wanted: str, body: bytes) -> None:
        faults = self.state.faults
        if self.command == "PUT":
            for digest in re.findall(rb'"digest":"(sha256:[0-9a-f]{64})"', body):
                known = {*self.state.blobs.get(repository, {}), *self.state.manifests.get(repository, {})}
                if digest.decode() not in known and b'"subject"' not in body:
                    self._fail(400, "MANIFEST_BLOB_UNKNOWN")
                    return
            digest = self.state.add_manifest(repository, wanted, body, self.headers["Content-Type"])
            kept = {"OCI-Subject": "kept"} if self.state.has_referrers else {}
            self._answer(201, headers={"Docker-Content-Digest": digest, **kept})
            return
        found = self.state.manifests.get(repository, {}).get(wanted)
        if found is None:
            self._fail(404, "MANIFEST_UNKNOWN", "manifest unknown")
            return
        data, media_type = found
        headers = {
            "Content-Type": faults.content_type or media_type,
            "Docker-Content-Digest": faults.announced_digest or digest_of(data),
        }
        if faults.warning:
            headers["Warning"] = faults.warning
        if faults.coding == "gzip":
            data, headers["Content-Encoding"] = gzip.compress(data), "gzip"
        cut = len(data) // 2 if faults.cut_manifests else 0
        faults.cut_manifests = max(faults.cut_manifests - 1, 0)
        self._answer(200, data, headers=headers, cut=cut)

    def _referrers(self, repository: str, subject: str, query: dict[str, str]) -> None:
        if not self.state.has_referrers:
            self._fail(404, "UNSUPPORTED")
            return
        found = [
            {
                "mediaType": media_type,
                "digest": digest,
                "size": len(data),
                "artifactType": json.loads(data)["artifactType"],
            }
            for digest, (data, media_type) in sorted(self.state.manifests[repository].items())
            if ":" in digest and json.loads(data).get("subject", {}).get("digest") == subject
        ]
        start = int(query.get("start", "0"))
        headers = {"Content-Type": "application/vnd.oci.image.index.v1+json"}
        if start + 2 < len(found):
            headers["Link"] = f'</v2/{repository}/referrers/{subject}?start={start + 2}>; rel="next"'
        self._answer(
            200, json.dumps({"schemaVersion": 2, "manifests": found[start : start + 2]}).encode(), headers=headers
        )

    def _tags(self, repository: str, query: dict[str, str]) -> None:
        if repository not in self.state.manifests:
            self._fail(404, "NAME_UNKNOWN")
            return
        tags = [name for name in self.state.manifests[repository] if ":" not in name]
        headers = {}
        if self.state.faults.page:
            start = int(query.get("start", "0"))
            end = start + self.state.faults.page
            if end < len(tags):
                headers["Link"] = f'</v2/{repository}/tags/list?start={end}>; rel="next"'
            tags = tags[start:end]
        self._answer(200, json.dumps({"name": repository, "tags": tags or None}).encode(), headers=headers)

    def _any_blob(self, digest: str) -> bytes:
        return next(blobs[digest] for blobs in self.state.blobs.values() if digest in blobs)

    def _blob(self, repository: str, digest: str) -> None:
        faults = self.state.faults
        data = self.state.blobs.get(repository, {}).get(digest)
        if data is None:
            self._fail(404, "BLOB_UNKNOWN", "blob unknown to registry")
        elif faults.statuses_of_blobs:
            self._fail(faults.statuses_of_blobs, "DENIED")
        elif faults.redirect_blobs_to and self.command == "GET":
            self._answer(307, headers={"Location": f"{faults.redirect_blobs_to}/elsewhere/{digest}"})
        else:
            self._content(faults.replaced_blobs.get(digest, data), digest)

    def _content(self, data: bytes, digest: str = "") -> None:
        faults = self.state.faults
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        status, start, headers = 200, 0, {"Content-Type": "application/octet-stream"}
        whole = data
        if match and not faults.ignores_range:
            start = int(match[1])
            if start >= len(data):
                self._answer(416)
                return
            status, data = 206, data[start:]
            headers["Content-Range"] = f"bytes {start}-{len(whole) - 1}/{len(whole)}"
        if faults.coding == "claimed":
            headers["Content-Encoding"] = "gzip"
        elif faults.coding == "gzip" and status == 200:
            data, headers["Content-Encoding"] = gzip.compress(data), "gzip"
        length = faults.lengths.get(digest, len(data))
        cut = faults.cut_every if faults.cut_every and not faults.ignores_range else 0
        if faults.cut_every and faults.ignores_range:
            # Each attempt gets one step further.
            attempts = sum(digest in path for path in self.state.paths("GET"))
            cut = faults.cut_every * attempts
        self._answer(status, data, headers=headers, length=length, cut=cut if 0 < cut < len(data) else 0)

    def _upload(self, repository: str, rest: str, query: dict[str, str], body: bytes) -> None:
        faults = self.state.faults
        if self.command == "POST":
            source = self.state.blobs.get(query.get("from", ""), {})
            if "mount" in query and query["mount"] in source and not faults.refuses_mount:
                self.state.add_blob(repository, source[query["mount"]])
                self._answer(201)
                return
            rest = f"u{len(self.state.requests)}"
            self.state.uploads[rest] = bytearray()
            self._answer(202, headers={"Location": self._location(repository, rest)})
            return
        upload = self.state.uploads.get(rest)
        if upload is None or query.get("state") != str(len(upload)):
            self._fail(404, "BLOB_UPLOAD_UNKNOWN")
        elif self.command == "DELETE":
            del self.state.uploads[rest]
            self._answer(204)
        elif self.command == "PATCH":
            start, _, end = self.headers["Content-Range"].partition("-")
            if int(start) != len(upload) or int(end) != len(upload) + len(body) - 1:
                self._fail(416, "RANGE")
                return
            upload += body
            self._answer(202, headers={"Location": self._location(repository, rest)})
        elif faults.failing_puts > 0:
            faults.failing_puts -= 1
            self._fail(500, "UNKNOWN")
        else:
            data = bytes(upload) + body
            del self.state.uploads[rest]
            if digest_of(data) != query["digest"]:
                self._fail(400, "DIGEST_INVALID")
                return
            self.state.add_blob(repository, data)
            self._answer(201)

    def _location(self, repository: str, upload: str) -> str:
        """With a query of its own, which changes with each piece."""
        path = f"/v2/{repository}/blobs/uploads/{upload}?state={len(self.state.uploads[upload])}"
        return path if self.state.faults.relative_location else f"http://{self.state.address}{path}"

    def _is_allowed(self, path: str) -> bool:
        if not self.state.users:
            return True
        scheme, _, value = (self.headers.get("Authorization") or "").partition(" ")
        if self.state.scheme == "basic":
            return scheme == "Basic" and self._user(value) is not None
        granted = self.state.tokens.get(value) if scheme == "Bearer" else None
        return granted is not None and self._needed(path) <= granted

    def _needed(self, path: str) -> frozenset[str]:
        match = re.fullmatch(r"/v2/(.+?)/(?:manifests|blobs|tags)/.*", path)
        if match is None:
            return frozenset()
        action = "pull" if self.command in ("GET", "HEAD") else "push"
        return frozenset({f"repository:{match[1]}:{action}"})

    def _user(self, encoded: str) -> str | None:
        name, _, password = b64decode(encoded).decode().partition(":")
        return name if self.state.users.get(name) == password else None

    def _refuse(self, path: str) -> None:
        scope = " ".join(sorted(self._needed(path))).replace(":push", ":pull,push")
        bearer = f'Bearer realm="http://{self.state.address}/token",service="fake, the registry",scope="{scope}"'
        challenge = self.state.faults.challenge or ('Basic realm="fake"' if self.state.scheme == "basic" else bearer)
        body = json.dumps({"errors": [{"code": "UNAUTHORIZED", "message": "authentication required"}]}).encode()
        self._answer(401, body, headers={"WWW-Authenticate": challenge})

    def _token(self, body: bytes, query: dict[str, list[str]]) -> None:
        form = parse_qs(body.decode()) if self.command == "POST" else query
        if self.command == "POST":
            user = self.state.refresh_tokens.get(form["refresh_token"][0])
        else:
            scheme, _, value = (self.headers.get("Authorization") or "").partition(" ")
            user = self._user(value) if scheme == "Basic" else None
            if user is None and scheme:
                self._answer(401, b'{"details": "incorrect username or password"}')
                return
        assert form["service"] == ["fake, the registry"]
        granted: set[str] = set()
        for scope in " ".join(form.get("scope", [])).split():
            resource, _, actions = scope.rpartition(":")
            for action in actions.split(","):
                if user is not None or (self.state.anonymous_pull and action == "pull"):
                    granted.add(f"{resource}:{action}")
        if self.state.grants_less > 0:
            self.state.grants_less -= 1
            granted = set()
        token = f"token-{len(self.state.requests)}"
        self.state.tokens[token] = frozenset(granted)
        self._answer(200, json.dumps({"token": token, "expires_in": 300}).encode())

    def _fail(self, status: int, code: str, message: str = "") -> None:
        self._answer(status, json.dumps({"errors": [{"code": code, "message": message}]}).encode())

    def _answer(
        self,
        status: int,
        body: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        length: int | None = None,
        cut: int = 0,
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[:cut] if cut else body)
        if cut or (length is not None and length > len(body)):
            self.close_connection = True
