"""`qwen3 models`: what there is, what is here, is it whole."""

from pathlib import Path
from typing import Annotated

import typer

from qwen3cli.cli.help import Command, Group
from qwen3cli.cli.options import JsonFlag, SpecArgument, complete_model, named_path

models_app = typer.Typer(
    name="models",
    help="List the models, look at one, check it, remove it.",
    cls=Group,
    invoke_without_command=True,
)


@models_app.callback()
def listed(context: typer.Context, json: JsonFlag = False) -> None:
    """List the models, look at one, check it, remove it.

    \b
    Examples:
      qwen3 models
      qwen3 models --json
    """
    if context.invoked_subcommand is None:
        list_models(json=json)


@models_app.command("list", cls=Command)
def list_models(json: JsonFlag = False) -> None:
    """List the models: memory, speed, and whether they fit."""
    from qwen3cli.base.environment import Environment
    from qwen3cli.commands.models.list import run_list

    run_list(Environment.current(), json=json)


@models_app.command(cls=Command)
def show(model: SpecArgument, json: JsonFlag = False) -> None:
    """Show one model's facts and files."""
    from qwen3cli.base.environment import Environment
    from qwen3cli.commands.models.show import run_show

    run_show(Environment.current(), model, json=json)


@models_app.command(cls=Command)
def add(
    path: Annotated[
        Path, typer.Argument(metavar="FILE|FOLDER", help="A .gguf, or a folder.", parser=named_path)
    ],
    json: JsonFlag = False,
) -> None:
    """Take files that were carried here, after their digest.

    \b
    Examples:
      qwen3 models add /media/stick
      qwen3 models add Qwen3-8B-Q4_K_M.gguf
    """
    from qwen3cli.base.environment import Environment
    from qwen3cli.commands.models.add import run_add

    raise typer.Exit(run_add(path, Environment.current(), json=json))


@models_app.command(cls=Command)
def rm(model: SpecArgument, json: JsonFlag = False) -> None:
    """Remove a model's files from the cache."""
    from qwen3cli.base.environment import Environment
    from qwen3cli.commands.models.rm import run_remove

    run_remove(model, Environment.current(), json=json)


@models_app.command(cls=Command)
def prune(json: JsonFlag = False) -> None:
    """Remove what downloads left unfinished or damaged.

    No model that is whole is touched.
    """
    from qwen3cli.base.environment import Environment
    from qwen3cli.commands.models.prune import run_prune

    run_prune(Environment.current(), json=json)


@models_app.command(cls=Command)
def verify(
    model: Annotated[
        str | None,
        typer.Argument(metavar="MODEL", help="Default: all.", autocompletion=complete_model),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Hash files again and compare, with no network."""
    from qwen3cli.base.environment import Environment
    from qwen3cli.commands.models.verify import run_verify

    raise typer.Exit(run_verify(model, Environment.current(), json=json))


@models_app.command(cls=Command)
def check(model: SpecArgument, json: JsonFlag = False) -> None:
    """Try whether a model does what its file says.

    Thoughts on and off, a budget, tool calls, a schema, sums, Chinese, a needle, the same seed, speed.

    \b
    Examples:
      qwen3 models check 8b
      qwen3 models check demo --json
    """
    from qwen3cli.base.environment import Environment
    from qwen3cli.commands.models.check import run_check
    from qwen3cli.models.choice import choose

    environment = Environment.current()
    choice = choose(model, environment.variables)
    raise typer.Exit(run_check(choice, environment, json=json))
