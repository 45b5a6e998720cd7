"""What the words behind `mcp` do with the configured tool servers. One file for each word."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from qwen3cli.base.environment import Environment
from qwen3cli.tools.mcp.configuration import Configuration, read_configuration
from qwen3cli.tools.mcp.oauth import Login
from qwen3cli.tools.mcp.servers import Servers, open_servers


@dataclass(frozen=True, slots=True)
class ServersRequest:
    """Which servers are meant: those of `files`, or the configured ones."""

    files: tuple[Path, ...] = ()
    offline: bool = False
    roots: tuple[Path, ...] = ()  # folders that the servers are told they may look at


def configuration_of(request: ServersRequest, environment: Environment) -> Configuration:
    """What is configured; what was passed over is told.

    Raises:
        UsageProblem: a file makes no sense.
    """
    configuration = read_configuration(environment.variables, Path.cwd(), request.files)
    if configuration.notice:
        environment.stderr.put(f"qwen3: {configuration.notice}\n")
    return configuration


@contextmanager
def opened(
    request: ServersRequest, environment: Environment, login: Login | None = None
) -> Iterator[Servers]:
    """The servers, none of them running yet; they end with the context. `login` shows the user where to log in.

    Raises:
        UsageProblem: a file makes no sense, or the extra that speaks to servers is not installed.
    """
    configuration = configuration_of(request, environment)
    offline = request.offline or environment.offline
    with open_servers(
        configuration,
        environment.variables,
        Path.cwd(),
        offline=offline,
        roots=request.roots,
        login=login,
    ) as servers:
        yield servers


def tell_problems(servers: Servers, environment: Environment, among: Sequence[str]) -> bool:
    """One line for each of these servers that could not be asked; whether there was one."""
    problems = [servers.problems[name] for name in among if name in servers.problems]
    for problem in problems:  # each names its server
        environment.stderr.put(f"qwen3: {problem.message}\n")
        if problem.hint:
            environment.stderr.put(f"  try: {problem.hint}\n")
    return bool(problems)
