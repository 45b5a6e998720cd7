"""One connection to a server, from its first message to its end; whichever revision of the protocol the server speaks.

The SDK's client must be entered and left by one task, which is kept here for as long as the connection lasts. Knows
nothing of other servers, and of tools only how to pass a request on.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qwen3cli import __version__
from qwen3cli.tools.mcp.contents import form_of
from qwen3cli.tools.mcp.entry import ServerEntry, Way
from qwen3cli.tools.mcp.http import check_address, http_client, streams
from qwen3cli.tools.mcp.log import ServerLog
from qwen3cli.tools.mcp.oauth import Login, login_auth
from qwen3cli.tools.mcp.stdio import ServerProcess
from qwen3cli.tools.tool import Decision, Form, FormAnswer

if TYPE_CHECKING:
    import httpx2
    import mcp_types as types
    from mcp.client.client import Client
    from mcp.client.context import ClientRequestContext

_REFUSED, _GONE = 400, 404  # from the first on, a request was not answered as it should be


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every server of this process has in common."""

    variables: Mapping[str, str]
    folder: Path  # where the user stands
    offline: bool = False
    roots: tuple[
        Path, ...
    ] = ()  # what servers are told they may look at; none: they are told nothing
    login: Login | None = None  # who shows the user an address to log in at; None: nobody can


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears of what a server does by itself, in the loop's thread."""

    ask: Callable[[Form], Awaitable[FormAnswer]]
    tools_changed: Callable[[], None]


class Connection:
    """A connection that is being made, stands, or is lost."""

    def __init__(
        self, entry: ServerEntry, surroundings: Surroundings, log: ServerLog, listener: Listener
    ) -> None:
        """`entry` is expanded."""
        self._entry = entry
        self._surroundings = surroundings
        self._log = log
        self._listener = listener
        self._process: ServerProcess | None = None
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._is_open = False
        self._gone = False
        self.status = 0  # the last one of HTTP, if it was that of an error

    async def open(self, way: Way, mode: str) -> "Client":
        """Connect. Raises whatever goes wrong; nothing is left behind then."""
        ready: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._keep(way, mode, ready))
        try:
            return await ready
        except BaseException:
            await self.close()
            raise

    @property
    def is_lost(self) -> bool:
        """Whether nothing more will come over it."""
        return self._task is None or self._task.done() or self._gone or bool(self.ended)

    @property
    def ended(self) -> str:
        """How the server's program ended, in words; empty while it runs, or where there is none."""
        return self._process.ended if self._process else ""

    async def close(self) -> None:
        """End it, and the program behind it."""
        self._stop.set()
        if self._task is not None:
            # A program that is connected is asked to end; one that never answered is not waited for.
            if not self._task.done() and (self._entry.way is not Way.STDIO or not self._is_open):
                self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep(self, way: Way, mode: str, ready: "asyncio.Future[Client]") -> None:
        try:
            async with self._client(way, mode) as client:
                self._is_open = True
                ready.set_result(client)
                await self._stop.wait()
        except BaseException as problem:
            if ready.done():  # it is open, or nobody waits for it any more
                raise
            ready.set_exception(problem)

    @asynccontextmanager
    async def _client(self, way: Way, mode: str) -> "AsyncIterator[Client]":
        import mcp_types as types
        from mcp.client.client import Client

        async with contextlib.AsyncExitStack() as stack:
            if way is Way.STDIO:
                self._process = ServerProcess(self._entry, self._surroundings.variables, self._log)
                transport: Any = self._process.connected()
            else:
                client = await self._http(stack)
                if way is not Way.SSE:  # the SDK's transport of SSE opens and closes it itself
                    await stack.enter_async_context(client)
                transport = streams(self._entry, client, sse=way is Way.SSE)
            roots = self._roots if self._surroundings.roots else None
            yield await stack.enter_async_context(
                Client(
                    transport,
                    mode=mode,
                    client_info=types.Implementation(name="qwen3", version=__version__),
                    elicitation_callback=self._elicit,
                    list_roots_callback=roots,
                    logging_callback=self._note,
                    log_level="info",
                    message_handler=self._hear,
                )
            )

    async def _http(self, stack: contextlib.AsyncExitStack) -> "httpx2.AsyncClient":
        offline = self._surroundings.offline
        check_address(self._entry, offline=offline)
        auth = await login_auth(
            self._entry, self._surroundings.variables, self._surroundings.login, stack
        )
        client = http_client(self._entry, auth, offline=offline)
        client.event_hooks["response"].append(self._look_at_status)
        return client

    async def _look_at_status(self, response: "httpx2.Response") -> None:
        self.status = response.status_code if response.status_code >= _REFUSED else 0
        if response.status_code == _GONE and "mcp-session-id" in response.request.headers:
            self._gone = True  # the server has forgotten us

    async def _elicit(
        self, context: "ClientRequestContext", params: "types.ElicitRequestParams"
    ) -> "types.ElicitResult":
        import mcp_types as types

        answer = await self._listener.ask(form_of(params, self._entry.name))
        accepted = answer.decision is Decision.ACCEPT and params.mode != "url"
        return types.ElicitResult(
            action=answer.decision.value, content=dict(answer.values) if accepted else None
        )

    async def _roots(self, context: "ClientRequestContext") -> "types.ListRootsResult":
        import mcp_types as types
        from pydantic import FileUrl

        roots = (path.resolve() for path in self._surroundings.roots)
        return types.ListRootsResult(
            roots=[types.Root(uri=FileUrl(path.as_uri()), name=path.name) for path in roots]
        )

    async def _note(self, params: "types.LoggingMessageNotificationParams") -> None:
        origin = f" {params.logger}" if params.logger else ""
        self._log.note(f"[{params.level}]{origin} {params.data}")

    async def _hear(self, message: Any) -> None:
        import mcp_types as types

        if isinstance(message, types.ToolListChangedNotification):
            self._listener.tools_changed()
        elif isinstance(message, Exception):
            self._log.note(f"({type(message).__name__}) {message}")
