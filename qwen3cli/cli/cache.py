"""`qwen3 cache`: the computed prompts that are kept on the disk."""

import typer

from qwen3cli.cli.help import Command, Group
from qwen3cli.cli.options import JsonFlag

cache_app = typer.Typer(
    name="cache",
    help="List computed prompts that are kept, or clear them.",
    cls=Group,
    invoke_without_command=True,
)


@cache_app.callback()
def listed(context: typer.Context, json: JsonFlag = False) -> None:
    """List computed prompts that are kept, or clear them.

    Long documents and conversations are kept as they were computed, so that the next question on them need not wait.

    \b
    Examples:
      qwen3 cache
      qwen3 cache clear
    """
    if context.invoked_subcommand is None:
        list_prompts(json=json)


@cache_app.command("list", cls=Command)
def list_prompts(json: JsonFlag = False) -> None:
    """List them, the one used last first."""
    from qwen3cli.base.environment import Environment
    from qwen3cli.commands.cache import run_list

    run_list(Environment.current(), json=json)


@cache_app.command(cls=Command)
def clear(json: JsonFlag = False) -> None:
    """Remove them all, and say how much that freed."""
    from qwen3cli.base.environment import Environment
    from qwen3cli.commands.cache import run_clear

    run_clear(Environment.current(), json=json)
