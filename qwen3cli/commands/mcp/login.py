"""`mcp login`: log in to a server that asks for it, in a browser of the user's."""

from qwen3cli.base.environment import Environment
from qwen3cli.commands.mcp import ServersRequest, opened


def run_login(request: ServersRequest, name: str, environment: Environment) -> None:
    """Start the server with somebody there who can log in; what it grants is kept for later.

    Raises:
        QwenError: it cannot be reached, or did not let the user in.
    """
    with opened(request, environment, ShownLogin(environment)) as servers:
        servers.tools([name])
        if name in servers.problems:
            raise servers.problems[name]
    environment.stderr.put(f"qwen3: {name} lets you in\n")


class ShownLogin:
    """Prints the address; nothing is opened unasked."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def show(self, server: str, address: str) -> None:
        """On standard error."""
        self._environment.stderr.put(
            f"To log in to {server}, open this in your browser:\n{address}\n"
        )
