"""`qwen3 pull`, `qwen3 models` and `qwen3 fit`: what there is, what is here, what runs."""

from typing import Annotated

import typer

from qwen3cli.attention import DEFAULT_CONTEXT_TOKENS, KvType
from qwen3cli.cli.options import (
    MODEL,
    OUTPUT,
    JsonFlag,
    OfflineFlag,
    SourceFlag,
    SpecArgument,
    complete_model,
    option,
    switch,
)

models_app = typer.Typer(
    name="models",
    help="List the models, look at one, check it, remove it.",
    invoke_without_command=True,
)


def pull(
    model: SpecArgument,
    source: SourceFlag = None,
    dry_run: Annotated[
        bool, switch("--dry-run", help="Say what would be fetched.", panel=OUTPUT)
    ] = False,
    offline: OfflineFlag = False,
    json: JsonFlag = False,
) -> None:
    """Fetch a model once, and prove it whole.

    \b
    Examples:
      qwen3 pull 8b
      qwen3 pull 30b-a3b:q8_0
      qwen3 pull 4b --from modelscope
    """
    from qwen3cli.environment import Environment
    from qwen3cli.pulling import run_pull
    from qwen3cli.sources import network

    run_pull(
        model,
        network(offline, source),
        Environment.current(),
        dry_run=dry_run,
        json=json,
    )


@models_app.callback()
def listed(context: typer.Context, json: JsonFlag = False) -> None:
    """List every model with its memory, speed and verdict for this machine.

    \b
    Examples:
      qwen3 models
      qwen3 models --json
    """
    if context.invoked_subcommand is None:
        list_models(json=json)


@models_app.command("list")
def list_models(json: JsonFlag = False) -> None:
    """List every model with its memory, speed and verdict for this machine."""
    from qwen3cli.environment import Environment
    from qwen3cli.reports import models

    models(Environment.current(), json=json)


@models_app.command()
def show(model: SpecArgument, json: JsonFlag = False) -> None:
    """Show one model's facts and files."""
    from qwen3cli.environment import Environment
    from qwen3cli.reports import model as report

    report(Environment.current(), model, json=json)


@models_app.command()
def rm(model: SpecArgument, json: JsonFlag = False) -> None:
    """Remove a model's files from the cache."""
    from qwen3cli.environment import Environment
    from qwen3cli.pulling import run_remove

    run_remove(model, Environment.current(), json=json)


@models_app.command()
def verify(
    model: Annotated[
        str | None,
        typer.Argument(metavar="MODEL", help="Default: all.", autocompletion=complete_model),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Hash files again and compare, with no network."""
    from qwen3cli.environment import Environment
    from qwen3cli.pulling import run_verify

    raise typer.Exit(run_verify(model, Environment.current(), json=json))


def fit(
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="MODEL",
            help="A size, or a .gguf file. Default: all sizes.",
            autocompletion=complete_model,
        ),
    ] = None,
    ctx: Annotated[
        int, option("--ctx", min=256, metavar="TOKENS", help="Context to plan for.", panel=MODEL)
    ] = DEFAULT_CONTEXT_TOKENS,
    kv: Annotated[
        KvType, option("--kv", help="How the KV cache is stored.", panel=MODEL)
    ] = KvType.F16,
    json: JsonFlag = False,
) -> None:
    """Show what this machine can run, with the sum.

    \b
    Examples:
      qwen3 fit
      qwen3 fit 14b --ctx 16384 --kv q8_0
    """
    from qwen3cli.environment import Environment
    from qwen3cli.fitting import run_fit

    run_fit(Environment.current(), model, ctx, kv, json=json)
