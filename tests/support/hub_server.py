"""A hub on loopback that speaks the real client's protocol, with faults on order.

What it speaks: HEAD and GET of `/<repo>/resolve/<revision>/<path>` with the linked size and etag, a redirect to a storage
path whose address is signed, ranges, the tree API, and ModelScope's list and resolve. It counts the bytes it sends.
"""

import hashlib
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
# Whoever finds one of these on a screen or in a file has found a leak.
SIGNATURE = "Signature-c0ffee5ec2e7"
TOKEN = "hf_VerySecretToken0123456789"
_PIECE = 64 * 1024
_HANGING_SECONDS = 60  # a guard, not a measure
# What is counted as sent should have left us: for loopback's large packets the system would take 4 MB in advance.
_SEND_BUFFER_BYTES = 64 * 1024


@dataclass
class Faults:
    """What goes wrong, and how often; each entry of a list is used up."""

    # By all bytes that were sent so far: where the line drops, falls silent, or a portal comes up.
    drop_after: list[int] = field(default_factory=list)
    stall_after: int | None = None
    page_after: int | None = None
    # Instead of an answer to a request for bytes, or to HEAD; `None` leaves a request alone.
    statuses: list[int] = field(default_factory=list)
    head_statuses: list[int] = field(default_factory=list)
    mishaps: "list[Mishap | None]" = field(default_factory=list)
    head_mishaps: "list[Mishap | None]" = field(default_factory=list)
    head_headers: dict[str, str | None] = field(default_factory=dict)
    flip_at: int | None = None  # position of a byte that is sent wrong
    claimed_size: int | None = None  # the linked size, if it is to be wrong
    retry_after: str | None = None
    seconds_per_piece: float = 0.0  # for each 64 KiB of a connection
    needs_token: str | None = None
    commit: str = COMMIT
    page: bytes | None = None  # what a portal answers to everything
    has_ranges: bool = True

    def wait_headers(self) -> dict[str, str]:
        """What a busy hub says."""
        return {"Retry-After": self.retry_after} if self.retry_after else {}


class HubServer:
    """Serves files by (repository, path). With a certificate it takes both kinds of connection on its one port."""

    def __init__(self, certificate: str | None = None) -> None:
        self.files: dict[tuple[str, str], bytes] = {}
        self.faults = Faults()
        self.sent_bytes = 0
        self.requests: list[str] = []
        self.tokens_at_storage: list[str | None] = []
        self.tokens_in_clear: list[str] = []  # tokens that came over a line anybody can read
        self.released = threading.Event()
        self.lock = threading.Lock()
        self.at_once = self.most_at_once = 0  # answers with bytes
        self._server = _Server(("127.0.0.1", 0), handler(self))
        self._server.certificate = certificate
        self.scheme = "https" if certificate else "http"
        self.port: int = self._server.server_address[1]  # or that of what stands before it
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def storage(self) -> str:
        """Where the bytes are, which is another origin."""
        return self.url.replace("127.0.0.1", "localhost")

    def add(self, repository: str, path: str, content: bytes) -> str:
        """Serve a file; returns its digest."""
        self.files[repository, path] = content
        return hashlib.sha256(content).hexdigest()

    def wait_for_bytes(self, count: int) -> None:
        """Until so many of a file's bytes were sent."""
        self._wait_until(lambda: self.sent_bytes >= count)

    def wait_for_request(self, method: str) -> None:
        """Until there was such a request."""
        self._wait_until(lambda: any(each.startswith(method) for each in self.requests))

    def _wait_until(self, true: Callable[[], bool]) -> None:
        ends = time.monotonic() + _HANGING_SECONDS
        while not true():
            assert time.monotonic() < ends
            time.sleep(0.005)

    def close(self) -> None:
        """Stop serving."""
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    certificate: str | None = None

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        first_of_tls = b"\x16"
        if self.certificate and request.recv(1, socket.MSG_PEEK) == first_of_tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            with context.wrap_socket(request, server_side=True) as secure:
                super().finish_request(secure, client_address)
        else:
            super().finish_request(request, client_address)

    def handle_error(self, *_: Any) -> None:
        """Nothing on standard error: clients are killed here."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    hub: HubServer
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        hub, faults = self.hub, self.hub.faults
        self._note()
        found = self._file()
        if faults.page is not None:
            self.answer_page(b"", len(faults.page))
        elif faults.head_statuses:
            self.answer(faults.head_statuses.pop(0), faults.wait_headers())
        elif faults.head_mishaps and (mishap := faults.head_mishaps.pop(0)) is not None:
            mishap(self, b"", 0, 0)
        elif (
            faults.needs_token
            and self.headers.get("Authorization") != f"Bearer {faults.needs_token}"
        ):
            self.answer(401, {"X-Error-Code": "GatedRepo", "X-Error-Message": "a token is needed"})
        elif found is None:
            self.answer(404, {"X-Error-Code": "EntryNotFound"})
        else:
            (repository, path), content = found
            headers: dict[str, str | None] = {
                "X-Repo-Commit": faults.commit,
                "X-Linked-Size": str(faults.claimed_size or len(content)),
                "X-Linked-Etag": f'"{hashlib.sha256(content).hexdigest()}"',
                "ETag": '"pointer"',
                "Accept-Ranges": "bytes",
                "Location": f"{hub.storage}/storage/{repository}/{path}?{SIGNATURE}",
            }
            headers |= faults.head_headers
            self.answer(302, {name: value for name, value in headers.items() if value is not None})

    def do_GET(self) -> None:
        hub, path = self.hub, urlsplit(self.path).path
        self._note()
        if hub.faults.page is not None:
            self.answer_page(hub.faults.page)
        elif match := re.fullmatch(r"/api/models/(.+)/tree/[^/?]+", path):
            self.answer_json(_tree(hub, match.group(1)))
        elif match := re.fullmatch(r"/api/v1/models/(.+)/repo/files", path):
            self.answer_json({"Data": {"Files": _modelscope_files(hub, match.group(1))}})
        elif (found := self._file()) is None:
            self.answer(404, {"X-Error-Code": "EntryNotFound"})
        else:
            hub.tokens_at_storage.append(self.headers.get("Authorization"))
            self._answer_bytes(found[1])

    def _note(self) -> None:
        hub = self.hub
        hub.requests.append(f"{self.command} {urlsplit(self.path).path}")
        if not isinstance(self.connection, ssl.SSLSocket) and "Authorization" in self.headers:
            hub.tokens_in_clear.append(self.headers["Authorization"])

    def _file(self) -> tuple[tuple[str, str], bytes] | None:
        path = unquote(urlsplit(self.path).path)
        for (repository, name), content in self.hub.files.items():
            wanted = (
                rf"/{re.escape(repository)}/resolve/[^/]+/{re.escape(name)}",
                rf"/models/{re.escape(repository)}/resolve/master/{re.escape(name)}",
                rf"/storage/{re.escape(repository)}/{re.escape(name)}",
            )
            if any(re.fullmatch(each, path) for each in wanted):
                return (repository, name), content
        return None

    def _answer_bytes(self, content: bytes) -> None:
        faults = self.hub.faults
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        start, end = 0, len(content)
        if asked and faults.has_ranges:
            start = int(asked[1])
            end = min(end, int(asked[2]) + 1) if asked[2] else end
        if faults.flip_at is not None:
            changed = bytearray(content)
            changed[faults.flip_at] ^= 1
            content = bytes(changed)
        with self.hub.lock:
            self.hub.at_once += 1
            self.hub.most_at_once = max(self.hub.most_at_once, self.hub.at_once)
            status = faults.statuses.pop(0) if faults.statuses else None
            mishap = faults.mishaps.pop(0) if faults.mishaps else None
        try:
            if status is not None:
                self.answer(status, faults.wait_headers())
            elif mishap is not None:
                mishap(self, content, start, end)
            else:
                self.answer_range(content, start, end)
        finally:
            with self.hub.lock:
                self.hub.at_once -= 1

    def answer_range(
        self, content: bytes, start: int, end: int, headers: dict[str, str] | None = None
    ) -> None:
        """The bytes that were asked for, with the right headers but those given."""
        partial = self.hub.faults.has_ranges and "Range" in self.headers
        right = {"Content-Length": str(end - start)}
        if partial:
            right["Content-Range"] = f"bytes {start}-{end - 1}/{len(content)}"
        self.send_response(206 if partial else 200)
        for name, value in (right | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.send_content(content[start:end])

    def send_content(self, body: bytes) -> None:
        """Bytes of a file, counted, at the pace and with the faults that were ordered."""
        hub, faults = self.hub, self.hub.faults
        for at in range(0, len(body), _PIECE):
            with hub.lock:
                drop = bool(faults.drop_after) and hub.sent_bytes >= faults.drop_after[0]
                if drop:
                    faults.drop_after.pop(0)
                stall = faults.stall_after is not None and hub.sent_bytes >= faults.stall_after
                if stall:
                    faults.stall_after = None
            if faults.page_after is not None and hub.sent_bytes >= faults.page_after:
                faults.page = b"<html>log in first</html>"
            if drop or faults.page is not None:
                self.close_connection = True
                self.connection.close()
                return
            if stall:
                hub.released.wait(60)
                return
            piece = body[at : at + _PIECE]
            try:
                self.wfile.write(piece)
            except OSError:
                self.close_connection = True
                return
            with hub.lock:
                hub.sent_bytes += len(piece)
            time.sleep(faults.seconds_per_piece)

    def answer_page(self, body: bytes, length: int | None = None) -> None:
        """What a portal shows."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", '"page"')
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def answer_json(self, value: Any) -> None:
        """A list of files."""
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer(self, code: int, headers: dict[str, str] | None = None) -> None:
        """A status and no body."""
        self.send_response(code)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing on standard error."""


# What a request comes to instead of its answer: called with the connection, the file, and the range that was asked for.
Mishap = Callable[[Handler, bytes, int, int], None]


def handler(hub: HubServer) -> type[Handler]:
    """The connections of one hub."""
    return type("HandlerOfHub", (Handler,), {"hub": hub})


def _tree(hub: HubServer, repository: str) -> list[dict[str, Any]]:
    return [
        {
            "type": "file",
            "path": path,
            "size": len(content),
            "oid": "0" * 40,
            "lfs": {
                "oid": hashlib.sha256(content).hexdigest(),
                "size": len(content),
                "pointerSize": 134,
            },
        }
        for (owner, path), content in hub.files.items()
        if owner == repository
    ]


def _modelscope_files(hub: HubServer, repository: str) -> list[dict[str, Any]]:
    return [
        {
            "Path": path,
            "Size": len(content),
            "Sha256": hashlib.sha256(content).hexdigest(),
            "Type": "blob",
        }
        for (owner, path), content in hub.files.items()
        if owner == repository
    ]
