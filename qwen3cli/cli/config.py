"""`qwen3 config`: the settings."""

from typing import Annotated

import typer

from qwen3cli.base.environment import Environment
from qwen3cli.cli.help import Command, Group
from qwen3cli.cli.options import JsonFlag
from qwen3cli.cli.settings import flag_names

config_app = typer.Typer(
    name="config", help="The settings in config.toml.", cls=Group, invoke_without_command=True
)


def _names(incomplete: str) -> list[str]:
    return [each for each in flag_names() if each.startswith(incomplete)]


NameArgument = Annotated[
    str,
    typer.Argument(metavar="NAME", help="A flag without its dashes.", autocompletion=_names),
]


@config_app.callback()
def listed(context: typer.Context, json: JsonFlag = False) -> None:
    """The settings in config.toml: every flag about models, thinking, sampling.

    \b
    Examples:
      qwen3 config set size 8b
      qwen3 config get size
    """
    if context.invoked_subcommand is None:
        from qwen3cli.commands.config import run_list

        run_list(Environment.current(), flag_names(), json=json)


@config_app.command(cls=Command)
def get(name: NameArgument) -> None:
    """Print one setting; exit code 1 if it is not set."""
    from qwen3cli.commands.config import run_get

    raise typer.Exit(run_get(name, Environment.current(), flag_names()))


@config_app.command("set", cls=Command)
def set_value(
    context: typer.Context,
    name: NameArgument,
    value: Annotated[
        str | None, typer.Argument(metavar="VALUE", help="Without one: take the setting away.")
    ] = None,
) -> None:
    """Change one setting, and leave the rest of the file as it is."""
    from qwen3cli.cli.settings import check_setting
    from qwen3cli.commands.config import run_set

    known = flag_names()
    told = None if value is None else check_setting(context.find_root().command, known, name, value)
    run_set(name, told, Environment.current(), known)


@config_app.command(cls=Command)
def path() -> None:
    """Print where the file is."""
    from qwen3cli.commands.config import run_path

    run_path(Environment.current())


@config_app.command(cls=Command)
def edit() -> None:
    """Open the file in your editor, and check it afterwards."""
    from qwen3cli.commands.config import run_edit

    run_edit(Environment.current(), flag_names())
