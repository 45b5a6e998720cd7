"""`qwen3 sessions`: the conversations that are kept."""

from typing import Annotated

import typer

from qwen3cli.base.environment import Environment
from qwen3cli.base.ranges import Range
from qwen3cli.cli.help import OUTPUT, Command, Group
from qwen3cli.cli.options import JsonFlag, complete_session, option, within

sessions_app = typer.Typer(
    name="sessions",
    help="Conversations that are kept: list, read, search, export.",
    cls=Group,
    invoke_without_command=True,
)
SessionArgument = Annotated[
    str,
    typer.Argument(
        metavar="ID|NAME",
        help="Its ID, the beginning of one, or its title.",
        autocompletion=complete_session,
    ),
]


@sessions_app.callback()
def listed(context: typer.Context, json: JsonFlag = False) -> None:
    """Conversations that are kept: list, read, search, export.

    \b
    Examples:
      qwen3 sessions
      qwen3 sessions search contract
      qwen3 chat -c
    """
    if context.invoked_subcommand is None:
        list_sessions(json=json)


@sessions_app.command("list", cls=Command)
def list_sessions(json: JsonFlag = False) -> None:
    """List the conversations, the latest first."""
    from qwen3cli.commands.sessions.list import run_list

    run_list(Environment.current(), json=json)


@sessions_app.command(cls=Command)
def show(session: SessionArgument, json: JsonFlag = False) -> None:
    """Print a conversation."""
    from qwen3cli.commands.sessions.show import run_show

    run_show(session, Environment.current(), json=json)


@sessions_app.command(cls=Command)
def rm(
    sessions: Annotated[
        list[str],
        typer.Argument(
            metavar="ID|NAME...",
            help="IDs, or titles.",
            autocompletion=complete_session,
        ),
    ],
) -> None:
    """Forget conversations for good."""
    from qwen3cli.commands.sessions.rm import run_remove

    run_remove(sessions, Environment.current())


@sessions_app.command(cls=Command)
def rename(
    session: SessionArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it.")],
) -> None:
    """Give a conversation a name, for --session."""
    from qwen3cli.commands.sessions.rename import run_rename

    run_rename(session, name, Environment.current())


@sessions_app.command(cls=Command)
def fork(
    session: SessionArgument,
    turns: Annotated[
        int | None,
        option(
            "--turns",
            metavar="N",
            help="Copy only the first N questions.",
            panel=OUTPUT,
            callback=within(Range(1)),
        ),
    ] = None,
) -> None:
    """Copy a conversation, to go on another way; print the copy's ID."""
    from qwen3cli.commands.sessions.fork import run_fork

    run_fork(session, turns, Environment.current())
