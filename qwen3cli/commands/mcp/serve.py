"""`mcp serve`: a small local model for other programs, as a tool server over stdio: `ask`, and each template by its name.

Each call is a `qwen3 ask` of its own, so that a cancelled one ends at once and nothing of ours reaches standard output.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import QwenError, UsageProblem
from qwen3cli.commands.templates import find_template, template_files


def run_serve(flags: Sequence[str], environment: Environment) -> None:
    """Serve until standard input closes. `flags` are those of `ask` that every call gets.

    Raises:
        UsageProblem: the extra that speaks to servers is not installed.
    """
    if find_spec("mcp") is None:
        raise UsageProblem("tool servers need a package more", "pip install 'qwen3[mcp]'")
    from mcp.server.mcpserver import MCPServer

    server = MCPServer("qwen3", instructions="A language model that runs on this machine.")

    async def ask(prompt: str, think: bool = False) -> str:
        return await _answer([*flags, "--think" if think else "--no-think"], prompt)

    server.add_tool(ask, name="ask", description="Ask a small local language model.")
    for name in template_files(environment.variables):
        _add_template(server, name, flags, environment)
    server.run("stdio")


def _add_template(server: Any, name: str, flags: Sequence[str], environment: Environment) -> None:
    """A template as a tool; one whose file is wrong is told and passed over."""
    try:
        template = find_template(name, environment.variables)
    except QwenError as problem:
        environment.stderr.put(f"qwen3: {problem.message}\n")
        return

    async def run(text: str, params: dict[str, str] | None = None) -> str:
        given = [
            word for key, value in (params or {}).items() for word in ("--param", f"{key}={value}")
        ]
        return await _answer([*flags, "-T", name, *given], text)

    places = ", ".join(template.params)
    about = f"{template.description} params: {places}" if places else template.description
    server.add_tool(run, name=name, description=about)


async def _answer(flags: Sequence[str], text: str) -> str:
    """The answer of one `qwen3 ask`.

    Raises:
        RuntimeError: it failed; says how. The SDK makes a failed result of it.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "qwen3cli", "ask", "--json", "--quiet", *flags, "-"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        said, told = await process.communicate(text.encode("utf-8", "replace"))
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        raise RuntimeError(told.decode("utf-8", "replace").strip() or "qwen3 ask failed")
    return str(json.loads(said)["answer"])
