"""`mcp list`: every configured server, how it is reached, and whether it answers."""

from pathlib import Path
from typing import Any

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import ExitCode
from qwen3cli.commands.mcp import ServersRequest, configuration_of
from qwen3cli.render.json_output import as_json
from qwen3cli.render.tables import put_table
from qwen3cli.tools.mcp.entry import ServerEntry
from qwen3cli.tools.mcp.http import is_loopback
from qwen3cli.tools.mcp.log import log_file
from qwen3cli.tools.mcp.servers import Servers, open_servers


def run_list(
    request: ServersRequest, environment: Environment, *, verbose: bool, json: bool
) -> ExitCode:
    """Start every server, ask what it offers, and end it; exit code 5 if one does not answer."""
    configuration = configuration_of(request, environment)
    offline = request.offline or environment.offline
    with open_servers(configuration, environment.variables, Path.cwd(), offline=offline) as servers:
        counts = _counts(servers)
        rows = [
            _row(entry, counts.get(name), servers) for name, entry in configuration.entries.items()
        ]
    if verbose:
        for row in rows:
            row["log"] = _log(environment, row["name"])
    if json:
        environment.stdout.put(as_json(rows))
    else:
        _show(rows, environment)
    return ExitCode.NO_DOWNLOAD if any(row["problem"] for row in rows) else ExitCode.DONE


def _counts(servers: Servers) -> dict[str, int]:
    """How many tools each server offers that answers."""
    counts = dict.fromkeys(servers.names, 0)
    for tool in servers.tools():
        counts[tool.definition.server] += 1
    return {name: count for name, count in counts.items() if name not in servers.problems}


def _row(entry: ServerEntry, tools: int | None, servers: Servers) -> dict[str, Any]:
    problem = servers.problems.get(entry.name)
    return {
        "name": entry.name,
        "source": str(entry.source),
        "reached_by": entry.command or entry.url,
        "needs_network": bool(entry.url) and not is_loopback(entry.url),
        "disabled": entry.disabled,
        "tools": tools,
        "problem": problem.message if problem is not None else None,
    }


def _show(rows: list[dict[str, Any]], environment: Environment) -> None:
    if not rows:
        environment.stdout.put("no server is configured: qwen3 mcp add NAME COMMAND\n")
        return
    table = [
        (
            row["name"],
            row["reached_by"],
            "network" if row["needs_network"] else "",
            _state(row),
        )
        for row in rows
    ]
    put_table(environment, ("server", "reached by", "needs", "state"), table)
    for row in rows:
        if row.get("log"):
            environment.stdout.put(f"\n{row['name']} said:\n{row['log'].rstrip()}\n")


def _state(row: dict[str, Any]) -> str:
    if row["disabled"]:
        return "switched off"
    if row["problem"]:
        return str(row["problem"])
    return f"{row['tools']} tool{'' if row['tools'] == 1 else 's'}"


def _log(environment: Environment, name: str) -> str:
    try:
        path = log_file(environment.variables, name)
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
