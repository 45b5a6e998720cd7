"""The client that the Model Context Protocol's conformance suite drives: our own rooms, with nobody at the keyboard.

    npx @modelcontextprotocol/conformance client --requirements 2026-07-28 --command "python conformance_client.py"

The suite gives the server's address as the last word, and the scenario in its variables. The browser of a login is a request
that follows its redirects. Every tool that is offered is called with the arguments its schema asks for.
"""

import json
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2

from qwen3cli.base.errors import QwenError
from qwen3cli.tools.mcp.configuration import read_configuration
from qwen3cli.tools.mcp.servers import open_servers
from qwen3cli.tools.tool import Decision, Form, FormAnswer, Tool

_CLIENT_METADATA = "https://conformance-test.local/client-metadata.json"  # as the suite expects it


class Browser:
    """Opens what is to be opened, as a user's browser would."""

    def show(self, server: str, address: str) -> None:
        """In a thread: the loop must not wait."""
        threading.Thread(
            target=lambda: httpx2.get(address, follow_redirects=True, timeout=20), daemon=True
        ).start()


class Agreeing:
    """Fills in forms with what they propose."""

    def progress(self, done: float, total: float | None, message: str) -> None:
        """Shown to nobody."""

    def should_stop(self) -> bool:
        """Never."""
        return False

    def ask(self, form: Form) -> FormAnswer:
        """What the fields propose."""
        fields = form.schema.get("properties", {})
        values = {k: v["default"] for k, v in fields.items() if "default" in v}
        return FormAnswer(Decision.ACCEPT, values)


def main() -> int:
    """Connect, list, call. Exit code 1 if something did not come to its end."""
    with TemporaryDirectory() as folder:
        os.environ |= {"XDG_DATA_HOME": folder, "XDG_STATE_HOME": folder, "XDG_CONFIG_HOME": folder}
        path = Path(folder) / "servers.json"
        path.write_text(json.dumps({"mcpServers": {"tested": _entry(sys.argv[-1])}}))
        configuration = read_configuration(os.environ, Path(folder), (path,))
        with open_servers(configuration, os.environ, Path(folder), login=Browser()) as servers:
            tools = servers.tools()
            for problem in servers.problems.values():
                sys.stderr.write(f"{problem.message}\n")
            failed = bool(servers.problems)
            for tool, arguments in _calls(tools):
                result = tool.call(arguments, Agreeing())
                sys.stderr.write(f"{tool.definition.name}: {result}\n")
                failed = failed or result.failed
    return int(failed)


def _calls(tools: Sequence[Tool]) -> Iterator[tuple[Tool, dict[str, Any]]]:
    """The calls that the scenario asks for or, where it asks for none, one of each tool."""
    wanted = _given().get("toolCalls")
    by_name = {tool.definition.own_name or tool.definition.name: tool for tool in tools}
    for each in wanted or ():
        yield by_name[each["name"]], each["arguments"]
    if wanted is None:
        for tool in tools:
            yield tool, _arguments(tool.definition.parameters)


def _given() -> dict[str, Any]:
    given: dict[str, Any] = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT") or "{}")
    return given


def _entry(url: str) -> dict[str, Any]:
    given = _given()
    oauth = {
        "clientId": given.get("client_id", ""),
        "clientSecret": given.get("client_secret", ""),
        "clientMetadataUrl": _CLIENT_METADATA if "client_id" not in given else "",
    }
    return {"type": "http", "url": url, "oauth": oauth}


def _arguments(schema: Any) -> dict[str, Any]:
    samples: dict[Any, Any] = {
        "number": 2,
        "integer": 3,
        "boolean": True,
        "object": {},
        "array": [],
    }
    fields = schema.get("properties", {})
    return {
        name: samples.get(fields[name].get("type"), "text")
        for name in schema.get("required", fields)
    }


if __name__ == "__main__":
    try:
        sys.exit(main())
    except QwenError as error:
        sys.exit(error.message)
