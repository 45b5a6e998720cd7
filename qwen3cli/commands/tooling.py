"""The tools of one request: our own that it names, and those of the servers it names or brings.

Knows where tools come from; does not know what is done with them.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import ToolFailed, UsageProblem
from qwen3cli.base.paths import state_folder
from qwen3cli.base.suggestions import did_you_mean
from qwen3cli.dialogue.events import BadToolCall, CallDone, CallOutcome, Event
from qwen3cli.tools.built_in.choice import NAMES, built_in_tools
from qwen3cli.tools.built_in.roots import Roots
from qwen3cli.tools.built_in.tool import SERVER
from qwen3cli.tools.media import MediaFolder
from qwen3cli.tools.permission import AllowList, Asker
from qwen3cli.tools.selection import ToolPattern
from qwen3cli.tools.tool import Tool
from qwen3cli.tools.toolkit import Toolkit
from qwen3cli.turn.tool_loop import MAX_ROUNDS


@dataclass(frozen=True, slots=True)
class ToolRequest:
    """What was asked for: `named` by --tools, servers `brought` by --mcp. Where neither is, there are no tools."""

    named: tuple[ToolPattern, ...] = ()
    brought: tuple[Path, ...] = ()
    max_rounds: int = MAX_ROUNDS
    offline: bool = False
    roots: tuple[Path, ...] = ()  # folders for the tools that read and write; none: the current one

    @property
    def is_empty(self) -> bool:
        """Whether no tool can come of it."""
        return not (self.named or self.brought)

    @property
    def readable(self) -> Roots:
        """The folders that were named, or the one we are in.

        Raises:
            UsageProblem: one is no folder.
        """
        for each in self.roots:
            if not each.is_dir():
                raise UsageProblem(f"--root {each}: there is no such folder")
        return Roots(self.roots or (Path.cwd(),))


@contextmanager
def opened_toolkit(
    request: ToolRequest,
    environment: Environment,
    asker: Asker | None = None,
    beside: Path | None = None,
) -> Iterator[Toolkit | None]:
    """The tools, their servers running; None where none are asked for. Without an `asker`, what was named is allowed.
    Pictures are kept `beside` a file, under its name, or in a folder of ours.

    Raises:
        UsageProblem: something is named that is not there.
    """
    if request.is_empty:
        yield None
        return
    with ExitStack() as stack:
        tools = built_in_tools(request.named, request.readable)
        if _wants_servers(request):
            tools += _server_tools(request, environment, stack)
        _check_named(request.named, tools)
        yield Toolkit(tools, asker or AllowList(request.named), _media(environment, beside).save)


def _media(environment: Environment, beside: Path | None) -> MediaFolder:
    if beside is None:
        return MediaFolder(state_folder(environment.variables) / "tool-files")
    return MediaFolder(beside.parent, f"{beside.stem}-")


def _wants_servers(request: ToolRequest) -> bool:
    if not request.named:
        return bool(request.brought)
    return any(not _is_built_in(each) for each in request.named)


def _is_built_in(pattern: ToolPattern) -> bool:
    return pattern.server == SERVER or (not pattern.server and pattern.name in NAMES)


def _server_tools(request: ToolRequest, environment: Environment, stack: ExitStack) -> list[Tool]:
    """The tools of the servers that are named; of all that were brought or configured, where a name stands alone."""
    from qwen3cli.tools.mcp.configuration import read_configuration  # noqa: PLC0415 - for those who have servers
    from qwen3cli.tools.mcp.servers import open_servers  # noqa: PLC0415 - likewise

    folder = Path.cwd()
    configuration = read_configuration(environment.variables, folder, request.brought)
    if configuration.notice:
        environment.stderr.put(f"qwen3: {configuration.notice}\n")
    servers = stack.enter_context(
        open_servers(
            configuration,
            environment.variables,
            folder,
            offline=request.offline,
            roots=tuple(each.resolve() for each in request.roots),
        )
    )
    wanted = [each for each in request.named if not _is_built_in(each)]
    chosen = [
        name
        for name in servers.names
        if not wanted or any(each.means_server(name) for each in wanted)
    ]
    found = servers.tools(chosen)
    for problem in servers.problems.values():  # each names its server
        environment.stderr.put(f"qwen3: {problem.message}\n")
    if not request.named:
        return found
    return [tool for tool in found if any(each.matches(tool.definition) for each in wanted)]


def _check_named(patterns: Sequence[ToolPattern], tools: Sequence[Tool]) -> None:
    """Everything that is named must be there.

    Raises:
        UsageProblem: it is not.
    """
    definitions = [each.definition for each in tools]
    for each in patterns:
        if not any(each.matches(definition) for definition in definitions):
            known = [*NAMES, *(definition.name for definition in definitions)]
            raise UsageProblem(
                f"--tools {each}: there is no such tool{did_you_mean(each.name, known)}",
                f"built in are {', '.join(NAMES)}; qwen3 mcp tools lists those of your servers",
            )


def call_problem(events: Sequence[Event]) -> ToolFailed | None:
    """What is to be said of a turn's calls, if one was denied, or the last one of a tool failed. Calls that could not be
    read, or of a tool that is not there, are made up for by any later one that works."""
    done = [each for each in events if isinstance(each, CallDone)]
    denied = sorted({_called(each) for each in done if each.outcome is CallOutcome.DENIED})
    if denied:
        return ToolFailed(
            f"a call was not allowed: {', '.join(denied)}", f"--tools {','.join(denied)}"
        )
    last = {(each.server, _called(each)) if each.server else None: each for each in done}
    worked = [each.number for each in done if each.outcome is CallOutcome.DONE]
    for key, each in last.items():
        made_up_for = key is None and any(number > each.number for number in worked)
        if each.outcome is CallOutcome.FAILED and not made_up_for:
            return ToolFailed(
                f"a call failed: {_called(each)}: {each.text.removeprefix('error: ')}"
            )
    return None


def _called(done: CallDone) -> str:
    if isinstance(done.call, BadToolCall):
        return "it could not be read"
    named = done.server and done.server != SERVER
    return f"{done.server}:{done.call.name}" if named else done.call.name
