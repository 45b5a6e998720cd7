"""`qwen3 sessions`: the conversations that are kept."""

from pathlib import Path
from typing import Annotated

import typer

from qwen3cli.base.environment import Environment
from qwen3cli.base.ranges import Range
from qwen3cli.cli.help import OUTPUT, Command, Group
from qwen3cli.cli.options import JsonFlag, complete_session, named_path, option, switch, within
from qwen3cli.commands.sessions.forms import Form

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

ThoughtsFlag = Annotated[bool, switch("--thoughts", help="With the thoughts.", panel=OUTPUT)]


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
def show(session: SessionArgument, thoughts: ThoughtsFlag = False, json: JsonFlag = False) -> None:
    """Print a conversation."""
    from qwen3cli.commands.sessions.show import run_show

    run_show(session, Environment.current(), thoughts=thoughts, json=json)


@sessions_app.command(cls=Command)
def search(
    words: Annotated[
        list[str],
        typer.Argument(metavar="TEXT...", help="Any part of a text; several must all be there."),
    ],
    limit: Annotated[
        int,
        option(
            "-n",
            "--limit",
            metavar="N",
            help="At most so many.",
            panel=OUTPUT,
            callback=within(Range(1)),
        ),
    ] = 20,
    json: JsonFlag = False,
) -> None:
    """Find any part of what was said."""
    from qwen3cli.commands.sessions.search import run_search

    run_search(words, Environment.current(), limit=limit, json=json)


@sessions_app.command(cls=Command)
def export(
    sessions: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ID|NAME...", help="Default: all, as JSON.", autocompletion=complete_session
        ),
    ] = None,
    form: Annotated[
        Form | None,
        option("--format", help="Default: as the file's name ends, else md.", panel=OUTPUT),
    ] = None,
    output: Annotated[
        Path | None, option("--output", metavar="FILE", help="Write to a file.", panel=OUTPUT)
    ] = None,
    thoughts: ThoughtsFlag = False,
) -> None:
    """Export as Markdown, JSON, or a web page in one file.

    
    Examples:
      qwen3 sessions export k7m2q --output talk.html
      qwen3 sessions export --format json > all.json
    """
    from qwen3cli.commands.sessions.export import run_export

    environment = Environment.current()
    run_export(sessions or (), environment, form=form, file=output, thoughts=thoughts)


@sessions_app.command("import", cls=Command)
def import_sessions(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Exports.", parser=named_path)
    ],
    json: JsonFlag = False,
) -> None:
    """Import conversations of ours or of other tools.

    It takes our JSON, ChatGPT's conversations.json or .zip, llm's logs.db or JSON, and Open WebUI's JSON.

    
    Examples:
      qwen3 sessions import conversations.json
      qwen3 sessions import ~/.config/io.datasette.llm/logs.db
    """
    from qwen3cli.commands.sessions.import_ import run_import

    run_import(files, Environment.current(), json=json)


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
    """Copy a conversation, to go on another way."""
    from qwen3cli.commands.sessions.fork import run_fork

    run_fork(session, turns, Environment.current())
