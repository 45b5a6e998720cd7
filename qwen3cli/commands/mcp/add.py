"""`mcp add` and what it shares with `mcp remove`: the user's own list of servers, changed and kept as it was otherwise."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import UsageProblem
from qwen3cli.tools.mcp.configuration import own_file
from qwen3cli.tools.mcp.entry import read_entry
from qwen3cli.tools.mcp.json_file import JsonFile
from qwen3cli.tools.mcp.private_file import write_private

_TABLE = "mcpServers"
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token of RFC 9110
_HEADER_HINT = "--header 'Authorization: Bearer ${TOKEN}'"


@dataclass(frozen=True, slots=True)
class AddRequest:
    """A server to add. Values may hold `${VARIABLES}`, which are kept as they stand."""

    name: str
    words: Sequence[str]  # a command with its words, or an address
    variables: Sequence[str] = ()  # NAME=TEXT, of a command
    headers: Sequence[str] = ()  # NAME: TEXT, of an address


def run_add(request: AddRequest, environment: Environment) -> None:
    """Add a server, or replace the one of that name.

    Raises:
        UsageProblem: it makes no sense, or the list cannot be read or written.
    """
    name, entry = request.name, _entry(request)
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


def _entry(request: AddRequest) -> dict[str, Any]:
    first, *others = request.words
    if first.startswith(("http://", "https://")):
        if others or request.variables:
            raise UsageProblem(
                "an address takes no arguments and no --env", f"qwen3 mcp add {request.name} URL"
            )
        headers = dict(map(_header, request.headers))
        return {"url": first} | ({"headers": headers} if headers else {})
    if request.headers:
        raise UsageProblem("a command takes no --header", "--env NAME=TEXT sets a variable for it")
    variables = dict(map(_variable, request.variables))
    return {"command": first, "args": others} | ({"env": variables} if variables else {})


def _variable(given: str) -> tuple[str, str]:
    name, mark, value = given.partition("=")
    if not (name and mark):
        raise UsageProblem(f"--env {given} sets nothing", "--env NAME=TEXT")
    return name, value


def _header(given: str) -> tuple[str, str]:
    """What is wrong with one is told without its value, which may be a secret."""
    name, mark, value = given.partition(":")
    name, value = name.strip(), value.strip()
    if not (mark and value and _HEADER_NAME.fullmatch(name)):
        raise UsageProblem("a --header has no name or sets nothing", _HEADER_HINT)
    if not (value.isascii() and value.isprintable()):
        raise UsageProblem(f"the value of --header {name} has characters no header may have")
    return name, value


def _refused(field: str, reason: str) -> UsageProblem:
    return UsageProblem(f"{field or 'the server'}: {reason}")
