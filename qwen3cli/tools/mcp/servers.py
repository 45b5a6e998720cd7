"""All configured servers together, for the rest of the program: `open_servers`, and what they offer.

    with open_servers(configuration, variables, folder, offline=False) as servers:
        tools = servers.tools(["time", "git"])       # starts these two side by side; without names, every one
        for name, problem in servers.problems.items():
            ...                                      # those that could not be started: a QwenError each
        result = tools[0].call({"timezone": "Asia/Tokyo"}, NobodyWatching())

Ask for `tools` again before each turn: it costs nothing unless a server said that its tools changed. Calls may be made from
several threads at once. Leaving the context ends every server with all it started, whatever it was left by.
"""

import asyncio
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from qwen3cli.base.errors import QwenError, UsageProblem
from qwen3cli.tools.mcp.call import ServerTool
from qwen3cli.tools.mcp.configuration import Configuration
from qwen3cli.tools.mcp.connection import Surroundings
from qwen3cli.tools.mcp.contents import definition_of
from qwen3cli.tools.mcp.loop import EventLoop
from qwen3cli.tools.mcp.names import unique_names
from qwen3cli.tools.mcp.oauth import Login
from qwen3cli.tools.mcp.processes import end_leftovers
from qwen3cli.tools.mcp.server import Server
from qwen3cli.tools.tool import Content, Tool

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class PromptOffer:
    """A prompt that a server offers; `arguments` are their names, `required` those that must be given."""

    server: str
    name: str
    description: str
    arguments: tuple[str, ...] = ()
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResourceOffer:
    """A resource that a server lists."""

    server: str
    uri: str
    name: str
    mime: str


@contextmanager
def open_servers(
    configuration: Configuration,
    variables: Mapping[str, str],
    folder: Path,
    *,
    offline: bool = False,
    roots: Sequence[Path] = (),
    login: Login | None = None,
) -> "Iterator[Servers]":
    """The servers, none of them running yet. `roots` are the folders that servers are told they may look at.

    Raises:
        UsageProblem: the extra that speaks to servers is not installed.
    """
    _check_installed()
    end_leftovers(variables)
    loop = EventLoop()
    loop.start()
    surroundings = Surroundings(variables, folder, offline, tuple(roots), login)
    servers = Servers(configuration, surroundings, loop)
    try:
        yield servers
    finally:
        servers.close()
        loop.stop()


class Servers:
    """What the configured servers offer. A server is started when something of it is first asked for."""

    def __init__(
        self, configuration: Configuration, surroundings: Surroundings, loop: EventLoop
    ) -> None:
        self._configuration = configuration
        self._surroundings = surroundings
        self._loop = loop
        self._running: dict[str, Server] = {}
        self.problems: dict[str, QwenError] = {}

    @property
    def names(self) -> list[str]:
        """Every server that is configured and not switched off."""
        entries = self._configuration.entries
        return [name for name, entry in entries.items() if not entry.disabled]

    def tools(self, names: Sequence[str] | None = None) -> list[Tool]:
        """The tools of these servers, or of all. What could not be asked is in `problems`.

        Raises:
            UsageProblem: there is no server of such a name.
        """
        found = self._each(names, "tools")
        pairs = [(server, tool) for server, tools in found.items() for tool in tools]
        words = unique_names([(server, tool.name) for server, tool in pairs])
        return [
            ServerTool(definition_of(tool, server, word), self._running[server], self._loop)
            for (server, tool), word in zip(pairs, words, strict=True)
        ]

    def prompts(self, names: Sequence[str] | None = None) -> list[PromptOffer]:
        """The prompts of these servers, or of all; as `tools`."""
        return [
            PromptOffer(
                server,
                prompt.name,
                prompt.description or "",
                tuple(each.name for each in prompt.arguments or ()),
                tuple(each.name for each in prompt.arguments or () if each.required),
            )
            for server, prompts in self._each(names, "prompts").items()
            for prompt in prompts
        ]

    def resources(self, names: Sequence[str] | None = None) -> list[ResourceOffer]:
        """The resources of these servers, or of all; as `tools`."""
        return [
            ResourceOffer(server, each.uri, each.title or each.name, each.mime_type or "")
            for server, resources in self._each(names, "resources").items()
            for each in resources
        ]

    def prompt(
        self, server: str, name: str, arguments: Mapping[str, str]
    ) -> list[tuple[str, Content]]:
        """A prompt's messages, each with its role.

        Raises:
            UsageProblem: there is no such server.
            QwenError: it cannot be asked, or has no such prompt.
        """
        return self._loop.wait_for(self._server(server).prompt(name, arguments))

    def resource(self, server: str, uri: str) -> list[Content]:
        """What is behind an address of a server. Raises what `prompt` does."""
        return self._loop.wait_for(self._server(server).resource(uri))

    def close(self) -> None:
        """End all of them, side by side."""
        self._loop.wait_for(_together([each.close() for each in self._running.values()]))

    def _server(self, name: str) -> Server:
        entry = self._configuration.entry(name)
        if entry.disabled:
            raise UsageProblem(f"{name} is switched off in {entry.source}")
        if name not in self._running:
            self._running[name] = Server(entry, self._surroundings)
        return self._running[name]

    def _each(self, names: Sequence[str] | None, what: str) -> dict[str, list[Any]]:
        """What each of the servers says it has, asked side by side."""
        servers = {name: self._server(name) for name in (self.names if names is None else names)}
        asked = [getattr(server, what)() for server in servers.values()]
        answers = self._loop.wait_for(_together(asked))
        found = {}
        for name, answer in zip(servers, answers, strict=True):
            self.problems.pop(name, None)
            if isinstance(answer, QwenError):
                self.problems[name] = answer
            elif isinstance(answer, BaseException):
                raise answer
            else:
                found[name] = answer
        return found


async def _together(
    work: Sequence[Coroutine[Any, Any, _Result]],
) -> "list[_Result | BaseException]":
    return await asyncio.gather(*work, return_exceptions=True)


def _check_installed() -> None:
    if find_spec("mcp") is None:
        raise UsageProblem("tool servers need a package more", "pip install 'qwen3[mcp]'")
