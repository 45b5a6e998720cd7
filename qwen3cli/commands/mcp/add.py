"""`mcp add` and what it shares with `mcp remove`: the user's own list of servers, changed and kept as it was otherwise."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import UsageProblem
from qwen3cli.tools.mcp.configuration import own_file
from qwen3cli.tools.mcp.entry import read_entry
from qwen3cli.tools.mcp.json_file import JsonFile
from qwen3cli.tools.mcp.private_file import write_private

_TABLE = "mcpServers"


def run_add(
    name: str, words: Sequence[str], variables: Sequence[str], environment: Environment
) -> None:
    """Add a server, or replace the one of that name.

    Raises:
        UsageProblem: it makes no sense, or the list cannot be read or written.
    """
    if words[0].startswith(("http://", "https://")):
        if len(words) > 1 or variables:
            raise UsageProblem(
                "an address takes no arguments and no --env", f"qwen3 mcp add {name} URL"
            )
        entry: dict[str, Any] = {"url": words[0]}
    else:
        entry = {"command": words[0], "args": list(words[1:])}
    if variables:
        entry["env"] = dict(map(_variable, variables))
    read_entry(name, entry, own_file(environment.variables), _refused)

    replaced = False

    def added(servers: dict[str, Any]) -> None:
        nonlocal replaced
        replaced = name in servers
        servers[name] = entry

    change_own_servers(environment, added)
    done = "replaced" if replaced else "added"
    environment.stderr.put(f"qwen3: {name} is {done}: qwen3 mcp tools {name}\n")


def change_own_servers(environment: Environment, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the table of the user's own servers. Comments in the file do not survive it.

    Raises:
        UsageProblem: the file cannot be read or written, or makes no sense.
    """
    path = own_file(environment.variables)
    document = JsonFile(path).document if path.exists() else {}
    if not isinstance(document, dict) or not isinstance(document.setdefault(_TABLE, {}), dict):
        raise UsageProblem(f"{path}: it has no table {_TABLE}", "correct it, or move it away")
    change(document[_TABLE])
    try:
        write_private(path, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    except OSError as problem:
        raise UsageProblem(f"cannot write {path}: {problem.strerror}") from None


def _variable(given: str) -> tuple[str, str]:
    name, mark, value = given.partition("=")
    if not (name and mark):
        raise UsageProblem(f"--env {given} sets nothing", "--env NAME=TEXT")
    return name, value


def _refused(field: str, reason: str) -> UsageProblem:
    return UsageProblem(f"{field or 'the server'}: {reason}")
