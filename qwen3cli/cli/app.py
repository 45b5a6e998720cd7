"""The command tree, and one run of it."""

import os
import sys
from typing import Annotated

import typer

from qwen3cli import __version__
from qwen3cli.base.config import read_settings
from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import ExitCode
from qwen3cli.cli.ask import ask
from qwen3cli.cli.bench import bench
from qwen3cli.cli.cache import cache_app
from qwen3cli.cli.chat import chat
from qwen3cli.cli.compare import compare
from qwen3cli.cli.config import config_app
from qwen3cli.cli.doctor import doctor
from qwen3cli.cli.fit import fit
from qwen3cli.cli.help import Command, Group
from qwen3cli.cli.map import map_command
from qwen3cli.cli.mcp import mcp_app
from qwen3cli.cli.models import models_app
from qwen3cli.cli.pull import pull
from qwen3cli.cli.replay import replay
from qwen3cli.cli.sessions import sessions_app
from qwen3cli.cli.settings import flag_names
from qwen3cli.cli.syntax import syntax_of
from qwen3cli.cli.templates import templates_app
from qwen3cli.cli.usage import as_usage
from qwen3cli.cli.words import CommandLine

_HELP = """Run the Qwen3 hybrid-reasoning models on your own machine.

\b
Examples:
  qwen3 ask --size demo "What is 478 + 856?"   needs no download
  qwen3 models                                 what this machine can run
  qwen3 chat --size 8b                         asks, then fetches it once
"""
_SETTINGS_HINT = """To set a flag for good: QWEN3_SIZE=8b, or a line size = "8b" in config.toml, and so on for those of
the model, thinking, sampling and the machine."""
# Commands whose flags the user's settings may set.
_WITH_SETTINGS = ("ask", "chat", "map", "pull", "fit", "bench")


def command_line(environment: Environment) -> int:
    """Do what the arguments say. Returns the exit code.

    Raises:
        UsageProblem: they make no sense.
    """
    if environment.variables.get("_QWEN3_COMPLETE") == "complete_bash":
        from qwen3cli.cli.completion import join_bash_words

        join_bash_words(os.environ)
    words = sys.argv[1:]
    if sorted(words) == ["--json", "--version"]:
        from qwen3cli.commands.version import run_version

        run_version(environment)
        return ExitCode.DONE
    try:
        command = typer.main.get_command(command_tree())
        if "_QWEN3_COMPLETE" not in environment.variables:
            words = CommandLine(syntax_of(command), environment.variables).read(words)
        return command(words, obj=environment, standalone_mode=False) or ExitCode.DONE
    except typer.TyperException as problem:
        raise as_usage(problem) from problem
    except typer.Abort:  # the end of standard input, where a word was wanted
        return ExitCode.INTERRUPTED


def command_tree() -> typer.Typer:
    """Every command, in the order of the help."""
    app = typer.Typer(
        name="qwen3",
        cls=Group,
        help=_HELP,
        epilog="qwen3 COMMAND --help shows a command's flags.",
        invoke_without_command=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for command in (ask, chat):
        app.command(cls=Command, epilog=_SETTINGS_HINT)(command)
    app.command("map", cls=Command, epilog=_SETTINGS_HINT)(map_command)
    app.command(cls=Command)(compare)
    app.command(cls=Command)(pull)
    app.add_typer(models_app)
    app.command(cls=Command)(fit)
    app.command(cls=Command)(bench)
    app.add_typer(templates_app)
    app.add_typer(mcp_app)
    app.add_typer(cache_app)
    app.add_typer(sessions_app)
    app.add_typer(config_app)
    app.command(cls=Command)(replay)
    app.command(cls=Command)(doctor)
    return app


def _show_version(context: typer.Context, wanted: bool) -> None:
    if wanted:
        context.obj.stdout.put(f"qwen3 {__version__}\n")
        raise typer.Exit


def _root(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Show the version and exit; with --json as JSON.",
            metavar="",
            is_eager=True,
            callback=_show_version,
        ),
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        context.obj.stdout.put(context.get_help())
    elif context.invoked_subcommand in _WITH_SETTINGS:
        settings = read_settings(context.obj.variables, flag_names())
        context.default_map = {context.invoked_subcommand: settings}
