"""`qwen3 pull`: fetch a model once."""

from pathlib import Path
from typing import Annotated

from qwen3cli.cli.help import OUTPUT
from qwen3cli.cli.options import (
    JsonFlag,
    OfflineFlag,
    SourceFlag,
    SpecArgument,
    named_path,
    option,
    switch,
)


def pull(
    model: SpecArgument,
    source: SourceFlag = None,
    dry_run: Annotated[
        bool, switch("--dry-run", help="Say what would be fetched.", panel=OUTPUT)
    ] = False,
    to: Annotated[
        Path | None,
        option(
            "--to",
            metavar="FOLDER",
            parser=named_path,
            help="Copy the files to a folder too, to carry to another machine.",
            panel=OUTPUT,
        ),
    ] = None,
    offline: OfflineFlag = False,
    json: JsonFlag = False,
) -> None:
    """Fetch a model once, and prove it whole.

    \b
    Examples:
      qwen3 pull 8b
      qwen3 pull 30b-a3b:q8_0
      qwen3 pull 4b --from modelscope
      qwen3 pull 8b --to /media/stick
    """
    from qwen3cli.base.environment import Environment
    from qwen3cli.commands.pull import run_pull
    from qwen3cli.models.sources import network

    run_pull(
        model,
        network(offline, source),
        Environment.current(),
        dry_run=dry_run,
        json=json,
        to=to,
    )
