"""`qwen3 fit`: what this machine can run."""

from typing import Annotated

import typer

from qwen3cli.cli.help import MODEL
from qwen3cli.cli.options import CONTEXT_RANGE, JsonFlag, complete_model, option, within
from qwen3cli.machine.attention import DEFAULT_CONTEXT_TOKENS, KvType


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
        int | None,
        option(
            "--ctx",
            callback=within(CONTEXT_RANGE),
            metavar="TOKENS",
            help=f"Context to plan for. Default: {DEFAULT_CONTEXT_TOKENS:,}.",
            panel=MODEL,
        ),
    ] = None,
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
    from qwen3cli.base.environment import Environment
    from qwen3cli.commands.fit import run_fit
    from qwen3cli.machine.plan import LoadOptions

    options = LoadOptions(context_tokens=ctx, kv_type=kv)
    run_fit(Environment.current(), model, options, json=json)
