"""`mcp remove`: take a server out of the user's own list."""

from typing import Any

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.suggestions import did_you_mean
from qwen3cli.commands.mcp.add import change_own_servers


def run_remove(name: str, environment: Environment) -> None:
    """Remove it.

    Raises:
        UsageProblem: there is none of that name in the list.
    """

    def removed(servers: dict[str, Any]) -> None:
        if servers.pop(name, None) is None:
            raise UsageProblem(
                f"your own list has no server {name}{did_you_mean(name, servers)}", "qwen3 mcp list"
            )

    change_own_servers(environment, removed)
    environment.stderr.put(f"qwen3: {name} is removed\n")
