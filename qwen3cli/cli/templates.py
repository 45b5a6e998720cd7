"""`qwen3 templates`: prompts by name."""

from typing import Annotated

import typer

from qwen3cli.cli.help import Command, Group
from qwen3cli.cli.options import JsonFlag

templates_app = typer.Typer(
    name="templates",
    help="Prompts by name, for ask -T.",
    cls=Group,
    invoke_without_command=True,
)
_NAME = typer.Argument(metavar="NAME", help="The template.")


@templates_app.callback()
def listed(context: typer.Context, json: JsonFlag = False) -> None:
    """Prompts by name, for ask -T.

    \b
    Examples:
      qwen3 templates
      git diff | qwen3 ask -T commit
    """
    if context.invoked_subcommand is None:
        list_templates(json=json)


@templates_app.command("list", cls=Command)
def list_templates(json: JsonFlag = False) -> None:
    """List the templates."""
    from qwen3cli.base.environment import Environment
    from qwen3cli.commands.templates.list import run_list

    run_list(Environment.current(), json=json)


@templates_app.command(cls=Command)
def show(name: Annotated[str, _NAME]) -> None:
    """Show a template's file."""
    from qwen3cli.base.environment import Environment
    from qwen3cli.commands.templates.show import run_show

    run_show(Environment.current(), name)


@templates_app.command(cls=Command)
def edit(name: Annotated[str, _NAME]) -> None:
    """Edit a template of your own, new or a copy of a built-in one."""
    from qwen3cli.base.environment import Environment
    from qwen3cli.commands.templates.edit import run_edit

    run_edit(Environment.current(), name)


@templates_app.command(cls=Command)
def path(name: Annotated[str | None, _NAME] = None) -> None:
    """Print where your templates are, or where one lies."""
    from qwen3cli.base.environment import Environment
    from qwen3cli.commands.templates.path import run_path

    run_path(Environment.current(), name)
