"""`mcp tools`: what the servers offer, as the model would be told."""

from collections.abc import Sequence

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import ExitCode
from qwen3cli.commands.mcp import ServersRequest, opened, tell_problems
from qwen3cli.commands.mcp.login import ShownLogin
from qwen3cli.render.json_output import as_json
from qwen3cli.render.tables import put_table
from qwen3cli.tools.tool import ToolDefinition


def run_tools(
    request: ServersRequest,
    names: Sequence[str],
    environment: Environment,
    *,
    json: bool,
    login: bool,
) -> ExitCode:
    """The tools of these servers, or of all; exit code 5 if one does not answer."""
    with opened(request, environment, ShownLogin(environment) if login else None) as servers:
        asked = list(names) or servers.names
        definitions = [tool.definition for tool in servers.tools(asked)]
        failed = tell_problems(servers, environment, asked)
    if json:
        environment.stdout.put(as_json([_fields(each) for each in definitions]))
    elif definitions:
        rows = [
            (
                f"{each.server}:{each.own_name or each.name}",
                ", ".join(each.parameters.get("properties", {})),
                each.description.strip().partition("\n")[0],
            )
            for each in definitions
        ]
        put_table(environment, ("tool", "takes", "what it does"), rows)
    else:
        environment.stdout.put("there are no tools\n")
    return ExitCode.NO_DOWNLOAD if failed else ExitCode.DONE


def _fields(definition: ToolDefinition) -> dict[str, object]:
    return {
        "server": definition.server,
        "name": definition.own_name or definition.name,
        "title": definition.title,
        "description": definition.description,
        "parameters": definition.parameters,
        "hints": definition.hints,
    }
