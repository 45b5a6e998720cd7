"""A server at an address: streamable HTTP, or SSE where it has only that.

Owns the HTTP client of servers: what goes with each request, how much of an answer is read, and that nothing leaves this
machine under `--offline`. Knows nothing of what the messages mean, and of OAuth only that there is something to pass on.
"""

import ipaddress
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.units import bytes_text
from qwen3cli.tools.mcp.entry import ServerEntry
from qwen3cli.tools.mcp.stdio import LONGEST_MESSAGE

if TYPE_CHECKING:
    import httpx2
    from mcp.client._transport import TransportStreams

# Time to connect and to send; how long a stream may be silent is for the caller to say.
_CONNECT_SECONDS = 15.0
_WRITE_SECONDS = 60.0


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine, told from its text alone."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def public_address(url: str) -> str:
    """An address without what may be secret in it: who logs in, and what is asked for."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}{parts.path}"


def check_address(entry: ServerEntry, *, offline: bool) -> None:
    """Whether the server's address can be used.

    Raises:
        UsageProblem: it is none, or is not on this machine while off line.
    """
    parts = urlsplit(entry.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageProblem(
            f"{entry.source}: {entry.name}.url: {public_address(entry.url)} is no address"
        )
    if offline and not is_loopback(entry.url):
        raise UsageProblem(
            f"{entry.name} is at {parts.hostname}, and --offline forbids the network",
            "run without --offline",
        )


def streams(
    entry: ServerEntry, client: "httpx2.AsyncClient", *, sse: bool
) -> "AbstractAsyncContextManager[TransportStreams]":
    """The transport to the server, over a client that the caller has opened, and over one that is not open for SSE."""
    from mcp.client.sse import sse_client
    from mcp.client.streamable_http import streamable_http_client

    def made(headers: Any = None, timeout: Any = None, auth: Any = None) -> "httpx2.AsyncClient":
        return client

    if sse:
        return sse_client(entry.url, httpx_client_factory=made)
    return streamable_http_client(entry.url, http_client=client, max_sse_event_size=LONGEST_MESSAGE)


def http_client(
    entry: ServerEntry, auth: "httpx2.Auth | None", *, offline: bool
) -> "httpx2.AsyncClient":
    """A client with the entry's headers, which follows no redirect and reads no answer without end."""
    import httpx2

    class Bounded(httpx2.AsyncByteStream):
        """An answer of one message; an event stream has a bound for each event instead."""

        def __init__(self, stream: httpx2.AsyncByteStream) -> None:
            self._stream = stream

        async def __aiter__(self) -> AsyncIterator[bytes]:
            read = 0
            async for chunk in self._stream:
                read += len(chunk)
                if read > LONGEST_MESSAGE:
                    raise httpx2.ReadError(f"an answer of more than {bytes_text(LONGEST_MESSAGE)}")
                yield chunk

        async def aclose(self) -> None:
            await self._stream.aclose()

    async def only_loopback(request: httpx2.Request) -> None:
        if not is_loopback(str(request.url)):
            raise UsageProblem(
                f"{entry.name} leads to {request.url.host}, and --offline forbids the network"
            )

    async def bounded(response: httpx2.Response) -> None:
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            response.stream = Bounded(cast(httpx2.AsyncByteStream, response.stream))

    return httpx2.AsyncClient(
        # Uncompressed, so that the bound is of what is kept and not of what is sent.
        headers={"Accept-Encoding": "identity", **entry.headers},
        auth=auth,
        timeout=httpx2.Timeout(_CONNECT_SECONDS, write=_WRITE_SECONDS, read=entry.call_seconds),
        event_hooks={"request": [only_loopback] if offline else [], "response": [bounded]},
    )
