"""`qwen3 replay`: a turn run again."""

from typing import Annotated

import typer

from qwen3cli.base.environment import Environment
from qwen3cli.base.ranges import Range
from qwen3cli.cli.help import SESSION
from qwen3cli.cli.options import JsonFlag, OfflineFlag, SourceFlag, option, within
from qwen3cli.cli.sessions import SessionArgument


def replay(
    session: SessionArgument,
    turn: Annotated[
        int | None,
        option(
            "--turn",
            metavar="N",
            help="Which question; default: the last.",
            panel=SESSION,
            callback=within(Range(1)),
        ),
    ] = None,
    source: SourceFlag = None,
    offline: OfflineFlag = False,
    json: JsonFlag = False,
) -> None:
    """Run a turn again, and say whether the answer is the same.

    Exit code 1 where it is not.

    \b
    Examples:
      qwen3 replay k7m2q
      qwen3 replay k7m2q --turn 2 --json
    """
    from qwen3cli.commands.replay import run_replay
    from qwen3cli.models.sources import network

    allowed = network(offline, source)
    raise typer.Exit(run_replay(session, turn, Environment.current(), allowed, json=json))
