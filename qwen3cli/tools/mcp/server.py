"""One configured server: started when it is first needed, started again once if it dies. All of it runs in the loop.

Knows nothing of the model and of other servers. Whoever is asked a question is whoever runs the newest call.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from qwen3cli.base.errors import QwenError, ServerFailed
from qwen3cli.tools.mcp.connection import Connection, Listener, Surroundings
from qwen3cli.tools.mcp.contents import content_of, resource_of, result_of
from qwen3cli.tools.mcp.entry import ServerEntry, Way
from qwen3cli.tools.mcp.expansion import Secrets, expanded
from qwen3cli.tools.mcp.log import ServerLog, log_file
from qwen3cli.tools.mcp.problems import explained
from qwen3cli.tools.tool import Content, Decision, Form, FormAnswer, ToolResult

if TYPE_CHECKING:
    import mcp_types as types
    from mcp.client.client import Client

_MOST_RESTARTS = 1
_MOST_NAMED = 20  # of the tools that are named to the model in the place of one that is gone
# A server that always names a further page is not followed for ever. Ours to choose.
_MOST_PAGES = 200
# The ways to try in turn, each with the SDK's word for how the revision of the protocol is found: a program may end at a
# message of a revision that it does not know, an address may take none of the newer way.
_ATTEMPTS = {
    Way.STDIO: ((Way.STDIO, "auto"), (Way.STDIO, "legacy")),
    Way.HTTP: ((Way.HTTP, "auto"),),
    Way.SSE: ((Way.SSE, "legacy"),),
    Way.UNSAID: ((Way.HTTP, "auto"), (Way.SSE, "legacy")),
}

Asker = Callable[[Form], Awaitable[FormAnswer]]


class ProgressHearer(Protocol):
    """Who is told how far a call has come."""

    async def __call__(self, progress: float, total: float | None, message: str | None) -> None:
        """So far."""


class Server:
    """A server, running or not."""

    def __init__(self, entry: ServerEntry, surroundings: Surroundings) -> None:
        self.entry = entry
        self.secrets = Secrets()
        self.log = ServerLog(self.secrets)
        self._surroundings = surroundings
        self._lock = asyncio.Lock()
        self._connection: Connection | None = None
        self._client: Client | None = None
        self._problem: QwenError | None = None
        self._restarts = 0
        self._askers: list[Asker] = []
        self._tools: list[types.Tool] | None = None

    async def tools(self) -> "list[types.Tool]":
        """What it offers now.

        Raises:
            QwenError: it cannot be started, or does not say.
        """
        client = await self._connected()
        if self._tools is None:
            self._tools = await self._all("tools", client.list_tools)
        return self._tools

    async def prompts(self) -> "list[types.Prompt]":
        """The prompts it offers; none where it has none. Raises what `tools` does."""
        client = await self._connected()
        if client.server_capabilities.prompts is None:
            return []
        return await self._all("prompts", client.list_prompts)

    async def resources(self) -> "list[types.Resource]":
        """The resources it lists; none where it has none. Raises what `tools` does."""
        client = await self._connected()
        if client.server_capabilities.resources is None:
            return []
        return await self._all("resources", client.list_resources)

    async def prompt(self, name: str, arguments: Mapping[str, str]) -> list[tuple[str, Content]]:
        """The messages of a prompt, each with its role. Raises what `tools` does."""
        client = await self._connected()
        with self._explained():
            result = await client.get_prompt(name, dict(arguments))
        return [(m.role, content) for m in result.messages for content in content_of(m.content)]

    async def resource(self, uri: str) -> list[Content]:
        """What is behind an address of this server. Raises what `tools` does."""
        client = await self._connected()
        with self._explained():
            result = await client.read_resource(uri)
        return [resource_of(each) for each in result.contents]

    async def call(
        self, name: str, arguments: Mapping[str, Any], ask: Asker, hear: ProgressHearer
    ) -> ToolResult:
        """Call a tool; whatever goes wrong is a failed result."""
        self._askers.append(ask)
        try:
            client = await self._connected()
            with self._explained():
                result = result_of(
                    await client.call_tool(name, dict(arguments), progress_callback=hear)
                )
        except QwenError as problem:
            result = ToolResult.failure(self.secrets.hide(problem.message))
        finally:
            self._askers.remove(ask)
        return await self._told_if_gone(name, result) if result.failed else result

    async def close(self) -> None:
        """End it, and keep what it wrote."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None
        if self.log.text:
            with contextlib.suppress(OSError):
                self.log.keep(log_file(self._surroundings.variables, self.entry.name))

    async def _connected(self) -> "Client":
        async with self._lock:
            if self._problem is not None:
                raise self._problem
            if self._connection is None or self._connection.is_lost:
                await self._connect()
            assert self._client is not None
            return self._client

    async def _connect(self) -> None:
        """Start it, or start it again."""
        try:
            if self._connection is not None:
                await self._restart(self._connection)
            self._client = await self._started()
        except QwenError as problem:
            self._problem = problem
            raise

    async def _restart(self, lost: Connection) -> None:
        await lost.close()
        self._tools = None
        self._restarts += 1
        if self._restarts > _MOST_RESTARTS:
            raise ServerFailed(
                f"{self.entry.name} ended again: {lost.ended or 'the connection is lost'}"
            )

    async def _started(self) -> "Client":
        surroundings = self._surroundings
        entry = expanded(self.entry, surroundings.variables, surroundings.folder, self.secrets)
        listener = Listener(self._ask, self._forget_tools)
        first: QwenError | None = None
        limit = None if surroundings.login else entry.start_seconds
        for way, mode in _ATTEMPTS[entry.way]:
            connection = Connection(entry, surroundings, self.log, listener)
            try:
                async with asyncio.timeout(limit):
                    client = await connection.open(way, mode)
            except Exception as problem:  # noqa: BLE001 - whatever the SDK and the server make of it
                told = self._told(problem, connection)
                first = first or told
                if not (connection.ended or connection.status):
                    break  # what is wrong with the configuration, or the network, will be wrong again
            else:
                self._connection = connection
                return client
        assert first is not None
        raise first

    def _told(self, problem: BaseException, connection: Connection | None) -> QwenError:
        """The error for what was raised, with nothing in it that must not be seen."""
        told = explained(
            problem,
            self.entry,
            ended=connection.ended if connection else "",
            status=connection.status if connection else 0,
        )
        return type(told)(self.secrets.hide(told.message), told.hint)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """What is raised in here comes out as an error of our family."""
        try:
            yield
        except Exception as problem:
            raise self._told(problem, self._connection) from problem

    async def _all(self, key: str, listed: Callable[..., Awaitable[Any]]) -> list[Any]:
        """Every page of a list."""
        found: list[Any] = []
        cursor: str | None = None
        with self._explained():
            async with asyncio.timeout(self.entry.start_seconds):
                for _ in range(_MOST_PAGES):
                    page = await listed(cursor=cursor)
                    found += getattr(page, key)
                    cursor = page.next_cursor
                    if cursor is None:
                        break
        return found

    async def _told_if_gone(self, name: str, result: ToolResult) -> ToolResult:
        """A failed result says so if the reason is that the tool is not there any more."""
        self._tools = None
        with contextlib.suppress(QwenError):
            offered = [tool.name for tool in await self.tools()]
            if name not in offered:
                names = ", ".join(offered[:_MOST_NAMED]) or "none"
                return ToolResult.failure(
                    f"{self.entry.name} has no tool {name} any more. Its tools are: {names}"
                )
        return result

    async def _ask(self, form: Form) -> FormAnswer:
        if not self._askers:
            return FormAnswer(Decision.CANCEL)
        return await self._askers[-1](form)

    def _forget_tools(self) -> None:
        self._tools = None
