"""The login at a server, as the SDK does it: discovery, registration, a code with PKCE, tokens and their renewal.

Ours is what goes around it: where the record is kept, the address that is shown and never opened unasked, and the page on
this machine that the browser comes back to. Without somebody to show an address to, only a login of before is used.
"""

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qs, urlsplit

from qwen3cli.base.errors import ServerFailed
from qwen3cli.tools.mcp.credentials import Credentials
from qwen3cli.tools.mcp.entry import Registration, ServerEntry
from qwen3cli.tools.mcp.http import public_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx2
    from mcp.client.auth import OAuthClientProvider
    from mcp.shared.auth import (
        AuthorizationCodeResult,
        OAuthClientInformationFull,
        OAuthToken,
    )

_PATH = "/callback"
_LOOPBACK = "127.0.0.1"
# A token is renewed this long before it runs out, so that it does not run out on its way.
_EARLY_SECONDS = 30
_LONGEST_REQUEST_LINE = 16 * 1024
_PAGE = "<!doctype html><title>qwen3</title><p>This is done. You can close this page and go back to qwen3.\n"


class Login(Protocol):
    """Who shows the user where to log in."""

    def show(self, server: str, address: str) -> None:
        """The address to open in a browser, from the loop's thread; it must not block."""


async def login_auth(
    entry: ServerEntry,
    variables: "Mapping[str, str]",
    login: Login | None,
    stack: contextlib.AsyncExitStack,
) -> "httpx2.Auth | None":
    """What authorizes the requests to a server: nothing, unless there is a login of before or one can be made now.

    The page that a login comes back to is open until the `stack` is closed.
    """
    from mcp.client.auth import OAuthClientProvider
    from mcp.shared.auth import OAuthClientMetadata, OAuthMetadata
    from pydantic import AnyUrl

    credentials = Credentials(public_address(entry.url), variables)
    record = credentials.read()
    if login is None and "tokens" not in record:
        return None
    registered = entry.registration
    page = _Page()
    if login is not None:
        await stack.enter_async_context(page.opened(registered.callback_port or _port_of(record)))
    redirect = AnyUrl(page.address or _redirect_of(record))
    storage = _Storage(credentials, registered, str(redirect))

    async def shown(address: str) -> None:
        if login is None:
            raise ServerFailed(f"{entry.name} wants a new login", f"qwen3 mcp login {entry.name}")
        login.show(entry.name, address)

    provider = OAuthClientProvider(
        server_url=entry.url,
        client_metadata=OAuthClientMetadata(
            client_name="qwen3",
            redirect_uris=[redirect],
            grant_types=["authorization_code", "refresh_token"],
            response_types=["code"],
            scope=registered.scope or None,
        ),
        storage=storage,
        redirect_handler=shown,
        callback_handler=page.answered,
        client_metadata_url=registered.metadata_url or None,
    )
    storage.provider = provider
    if "server" in record:
        provider.context.oauth_metadata = OAuthMetadata.model_validate(record["server"])
    return provider


def _redirect_of(record: "Mapping[str, Any]") -> str:
    """Where a login of before came back to."""
    known = record.get("client", {}).get("redirect_uris") or [f"http://{_LOOPBACK}{_PATH}"]
    return str(known[0])


def _port_of(record: "Mapping[str, Any]") -> int:
    """The port that our registration names; 0 for any."""
    return urlsplit(_redirect_of(record)).port or 0


class _Storage:
    """The SDK's view of a record."""

    def __init__(self, credentials: Credentials, registered: Registration, redirect: str) -> None:
        self._credentials = credentials
        self._registered = registered
        self._redirect = redirect
        self.provider: OAuthClientProvider | None = None

    async def get_tokens(self) -> "OAuthToken | None":
        """The tokens; one that has run out is not given, so that it is renewed."""
        from mcp.shared.auth import OAuthToken

        record = self._credentials.read()
        if "tokens" not in record:
            return None
        tokens = OAuthToken.model_validate(record["tokens"])
        ends = record.get("expires_at")
        if ends is not None and time.time() > ends - _EARLY_SECONDS:
            tokens.access_token = ""
        return tokens

    async def set_tokens(self, tokens: "OAuthToken") -> None:
        """Keep them, with the time they run out and where they are renewed."""
        kept: dict[str, Any] = {"tokens": tokens.model_dump(mode="json", exclude_none=True)}
        if tokens.expires_in is not None:
            kept["expires_at"] = time.time() + tokens.expires_in
        metadata = self.provider.context.oauth_metadata if self.provider else None
        if metadata is not None:
            kept["server"] = metadata.model_dump(mode="json", exclude_none=True)
        record = self._credentials.read()
        record.pop("expires_at", None)
        self._credentials.write({**record, **kept})

    async def get_client_info(self) -> "OAuthClientInformationFull | None":
        """Who we are to the authorization server: as configured, or as registered for the page we have now."""
        from mcp.shared.auth import OAuthClientInformationFull

        mine = self._registered
        if mine.client_id:
            return OAuthClientInformationFull.model_validate(
                {
                    "client_id": mine.client_id,
                    "client_secret": mine.client_secret or None,
                    "redirect_uris": [self._redirect],
                    "token_endpoint_auth_method": (
                        "client_secret_basic" if mine.client_secret else "none"
                    ),
                }
            )
        known = self._credentials.read().get("client")
        if known is None or self._redirect not in known.get("redirect_uris", []):
            return None
        return OAuthClientInformationFull.model_validate(known)

    async def set_client_info(self, client_info: "OAuthClientInformationFull") -> None:
        """Keep what we were registered as."""
        client = client_info.model_dump(mode="json", exclude_none=True)
        self._credentials.write({**self._credentials.read(), "client": client})


class _Page:
    """The page on this machine that a browser comes back to with a code."""

    def __init__(self) -> None:
        self.address = ""
        self._answers: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    @contextlib.asynccontextmanager
    async def opened(self, port: int) -> Any:
        """Listen, on that port if it is free."""
        try:
            server = await asyncio.start_server(self._serve, _LOOPBACK, port)
        except OSError:
            server = await asyncio.start_server(self._serve, _LOOPBACK, 0)
        self.address = f"http://{_LOOPBACK}:{server.sockets[0].getsockname()[1]}{_PATH}"
        try:
            yield
        finally:
            server.close()

    async def answered(self) -> "AuthorizationCodeResult":
        """What the browser brought.

        Raises:
            ServerFailed: the user, or the authorization server, said no.
        """
        from mcp.shared.auth import AuthorizationCodeResult

        given = await self._answers.get()
        if "code" not in given:
            reason = " ".join(filter(None, (given["error"], given.get("error_description"))))
            raise ServerFailed(f"the login was refused: {reason}")
        return AuthorizationCodeResult(
            code=given["code"], state=given.get("state"), iss=given.get("iss")
        )

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ValueError, OSError, asyncio.IncompleteReadError):
            line = (await reader.readuntil(b"\n"))[:_LONGEST_REQUEST_LINE].decode("latin-1")
            found = self._take(line.split(" ")[1] if line.startswith("GET ") else "")
            status = "200 OK" if found else "404 Not Found"
            head = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nConnection: close\r\n"
            body = _PAGE if found else ""
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
            await writer.drain()
        writer.close()

    def _take(self, target: str) -> bool:
        parts = urlsplit(target)
        given = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path != _PATH or not given.keys() & {"code", "error"}:
            return False
        self._answers.put_nowait(given)
        return True
