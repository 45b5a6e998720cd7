"""`mcp trust`: approve the `.mcp.json` of this folder, which names programs to run."""

from pathlib import Path

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import UsageProblem
from qwen3cli.tools.mcp.configuration import PROJECT_FILE, entries_of
from qwen3cli.tools.mcp.json_file import JsonFile
from qwen3cli.tools.mcp.trust import approve, withdraw


def run_trust(environment: Environment, *, yes: bool, withdrawn: bool) -> None:
    """Show what the file would run, and approve its content once the user agrees.

    Raises:
        UsageProblem: there is no such file, it makes no sense, or nobody can be asked.
    """
    path = Path.cwd() / PROJECT_FILE
    if withdrawn:
        there = withdraw(path, environment.variables)
        told = "is not approved any more" if there else "was not approved"
        environment.stderr.put(f"qwen3: {path} {told}\n")
        return
    file = JsonFile(path)
    for entry in entries_of(file).values():
        words = " ".join([entry.command, *entry.arguments]) if entry.command else entry.url
        environment.stderr.put(f"{entry.name}: {words}\n")
    if not yes:
        _ask(environment)
    approve(path, file.content, environment.variables)
    environment.stderr.put(f"qwen3: {path} is approved, as it is now\n")


def _ask(environment: Environment) -> None:
    if not (environment.stdin_is_terminal and environment.stderr_is_terminal):
        raise UsageProblem("nobody can be asked whether these may run", "qwen3 mcp trust --yes")
    environment.stderr.put("These run with your rights. Approve them? [y/N] ")
    if environment.stdin.readline().strip().lower() not in (b"y", b"yes"):
        raise UsageProblem("nothing was approved", "qwen3 mcp trust")
