"""A hub on loopback that speaks the real client's protocol, with faults on order.

What it speaks: HEAD and GET of `/<repo>/resolve/<revision>/<path>` with the linked size and etag, a redirect to a storage
path, ranges, the tree API, and ModelScope's list and resolve. It counts the bytes it sends.
"""

import hashlib
import json
import re
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
_PIECE = 64 * 1024


@dataclass
class Faults:
    """What goes wrong, and how often; each count is used up."""

    drop_after: list[int] = field(
        default_factory=list
    )  # bytes after which the line drops, one for each request
    statuses: list[int] = field(
        default_factory=list
    )  # answers to requests for bytes instead of the bytes
    head_statuses: list[int] = field(default_factory=list)  # answers to HEAD
    stall_after: int | None = None  # bytes after which nothing more comes
    flip_at: int | None = None  # position of a byte that is sent wrong
    claimed_size: int | None = None  # the linked size, if it is to be wrong
    retry_after: str | None = None
    seconds_per_piece: float = 0.0
    needs_token: str | None = None
    commit: str = COMMIT
    page: bytes | None = None  # what a portal answers to everything

    def wait_headers(self) -> dict[str, str]:
        """What a busy hub says."""
        return {"Retry-After": self.retry_after} if self.retry_after else {}


class HubServer:
    """Serves files by (repository, path)."""

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], bytes] = {}
        self.faults = Faults()
        self.sent_bytes = 0
        self.requests: list[str] = []
        self.tokens_at_storage: list[str | None] = []
        self.released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def add(self, repository: str, path: str, content: bytes) -> str:
        """Serve a file; returns its digest."""
        self.files[repository, path] = content
        return hashlib.sha256(content).hexdigest()

    def close(self) -> None:
        """Stop serving."""
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(hub: HubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            hub.requests.append(f"HEAD {self.path}")
            found = self._file()
            if hub.faults.page is not None:
                self._page(b"", len(hub.faults.page))
            elif hub.faults.head_statuses:
                self._status(hub.faults.head_statuses.pop(0), hub.faults.wait_headers())
            elif (
                hub.faults.needs_token
                and self.headers.get("Authorization") != f"Bearer {hub.faults.needs_token}"
            ):
                self._status(
                    401, {"X-Error-Code": "GatedRepo", "X-Error-Message": "a token is needed"}
                )
            elif found is None:
                self._status(404, {"X-Error-Code": "EntryNotFound"})
            else:
                (repository, path), content = found
                digest = hashlib.sha256(content).hexdigest()
                size = hub.faults.claimed_size or len(content)
                storage = hub.url.replace("127.0.0.1", "localhost")
                self._status(302, {
                    "X-Repo-Commit": hub.faults.commit,
                    "X-Linked-Size": str(size),
                    "X-Linked-Etag": f'"{digest}"',
                    "ETag": '"pointer"',
                    "Accept-Ranges": "bytes",
                    "Location": f"{storage}/storage/{repository}/{path}",
                })  # fmt: skip

        def do_GET(self) -> None:
            hub.requests.append(f"GET {self.path}")
            if hub.faults.page is not None:
                self._page(hub.faults.page)
            elif match := re.fullmatch(r"/api/models/(.+)/tree/[^/?]+", urlsplit(self.path).path):
                self._json(_tree(hub, match.group(1)))
            elif match := re.fullmatch(r"/api/v1/models/(.+)/repo/files", urlsplit(self.path).path):
                self._json({"Data": {"Files": _modelscope_files(hub, match.group(1))}})
            elif (found := self._file()) is None:
                self._status(404, {"X-Error-Code": "EntryNotFound"})
            else:
                hub.tokens_at_storage.append(self.headers.get("Authorization"))
                self._send(found[1])

        def _file(self) -> tuple[tuple[str, str], bytes] | None:
            path = unquote(urlsplit(self.path).path)
            for (repository, name), content in hub.files.items():
                wanted = (
                    rf"/{re.escape(repository)}/resolve/[^/]+/{re.escape(name)}",
                    rf"/models/{re.escape(repository)}/resolve/master/{re.escape(name)}",
                    rf"/storage/{re.escape(repository)}/{re.escape(name)}",
                )
                if any(re.fullmatch(each, path) for each in wanted):
                    return (repository, name), content
            return None

        def _send(self, content: bytes) -> None:
            faults = hub.faults
            if faults.statuses:
                self._status(faults.statuses.pop(0), faults.wait_headers())
                return
            start = (
                int(match.group(1))
                if (match := re.match(r"bytes=(\d+)-", self.headers.get("Range", "")))
                else 0
            )
            body = bytearray(content)
            if faults.flip_at is not None:
                body[faults.flip_at] ^= 1
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body) - start))
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            self.end_headers()
            drop = faults.drop_after.pop(0) if faults.drop_after else None
            self._pieces(bytes(body), start, drop)

        def _pieces(self, body: bytes, start: int, drop: int | None) -> None:
            sent = 0
            for at in range(start, len(body), _PIECE):
                if drop is not None and sent >= drop:
                    self.close_connection = True
                    self.connection.close()
                    return
                if hub.faults.stall_after is not None and sent >= hub.faults.stall_after:
                    hub.released.wait(60)
                    return
                piece = body[at : at + _PIECE]
                try:
                    self.wfile.write(piece)
                    self.wfile.flush()
                except OSError:
                    return
                sent += len(piece)
                hub.sent_bytes += len(piece)
                time.sleep(hub.faults.seconds_per_piece)

        def _page(self, body: bytes, length: int | None = None) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("ETag", '"page"')
            self.send_header("Content-Length", str(len(body) if length is None else length))
            self.end_headers()
            self.wfile.write(body)

        def _json(self, value: Any) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _status(self, code: int, headers: dict[str, str] | None = None) -> None:
            self.send_response(code)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing on standard error."""

    return Handler


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
