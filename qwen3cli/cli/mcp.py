"""`qwen3 mcp`: the tool servers that are configured, and what they offer."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qwen3cli.cli.help import MODEL, OUTPUT, TOOLS, Command, Group
from qwen3cli.cli.options import JsonFlag, OfflineFlag, named_path, option, switch

if TYPE_CHECKING:
    from qwen3cli.commands.mcp import ServersRequest

mcp_app = typer.Typer(
    name="mcp",
    help="Tool servers: list, try, add, trust.",
    cls=Group,
    invoke_without_command=True,
)
_SERVER = typer.Argument(metavar="SERVER", help="Its name in the configuration.")
_FilesFlag = Annotated[
    list[Path] | None,
    option(
        "--mcp",
        parser=named_path,
        metavar="FILE",
        help="These servers alone, as in an .mcp.json; may be repeated.",
        panel=TOOLS,
    ),
]
_VerboseFlag = Annotated[
    bool, switch("--verbose", help="Show what the servers said last.", panel=OUTPUT)
]


_LoginFlag = Annotated[
    bool, switch("--login", help="Show where to log in, if a server asks for it.", panel=TOOLS)
]


def _request(
    files: list[Path] | None, *, offline: bool, roots: list[Path] | None = None
) -> "ServersRequest":
    from qwen3cli.commands.mcp import ServersRequest

    return ServersRequest(tuple(files or ()), offline, tuple(roots or ()))


@mcp_app.callback()
def listed(context: typer.Context) -> None:
    """Tool servers of the Model Context Protocol.

    \b
    Examples:
      qwen3 mcp add time uvx mcp-server-time
      qwen3 mcp list
      qwen3 mcp call time get_current_time '{"timezone": "Asia/Tokyo"}'
    """
    if context.invoked_subcommand is None:
        context.obj.stdout.put(context.get_help())


@mcp_app.command("list", cls=Command)
def list_servers(
    context: typer.Context,
    mcp: _FilesFlag = None,
    offline: OfflineFlag = False,
    verbose: _VerboseFlag = False,
    json: JsonFlag = False,
) -> None:
    """List the servers, and whether each answers."""
    from qwen3cli.commands.mcp.list import run_list

    request = _request(mcp, offline=offline)
    raise typer.Exit(run_list(request, context.obj, verbose=verbose, json=json))


@mcp_app.command(cls=Command)
def tools(
    context: typer.Context,
    server: Annotated[
        list[str] | None, typer.Argument(metavar="SERVER", help="Default: all.")
    ] = None,
    mcp: _FilesFlag = None,
    login: _LoginFlag = False,
    offline: OfflineFlag = False,
    json: JsonFlag = False,
) -> None:
    """List the tools that servers offer."""
    from qwen3cli.commands.mcp.tools import run_tools

    request = _request(mcp, offline=offline)
    raise typer.Exit(run_tools(request, server or (), context.obj, json=json, login=login))


@mcp_app.command(cls=Command)
def call(
    context: typer.Context,
    server: Annotated[str, _SERVER],
    tool: Annotated[str, typer.Argument(metavar="TOOL", help="The tool's name.")],
    arguments: Annotated[
        str, typer.Argument(metavar="JSON", help="Its arguments, as an object.")
    ] = "{}",
    mcp: _FilesFlag = None,
    answers: Annotated[
        str | None,
        option(
            "--answers",
            metavar="JSON",
            help="What to say to its forms; defaults for the rest.",
            panel=TOOLS,
        ),
    ] = None,
    root: Annotated[
        list[Path] | None,
        option(
            "--root",
            parser=named_path,
            metavar="FOLDER",
            help="A folder the server is told of; may be repeated.",
            panel=TOOLS,
        ),
    ] = None,
    login: _LoginFlag = False,
    offline: OfflineFlag = False,
    json: JsonFlag = False,
) -> None:
    """Call one tool, without a model."""
    from qwen3cli.commands.mcp.call import CallRequest, run_call

    request = _request(mcp, offline=offline, roots=root)
    called = CallRequest(server, tool, arguments, answers, login)
    run_call(request, called, context.obj, as_object=json)


@mcp_app.command(cls=Command, context_settings={"ignore_unknown_options": True})
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it.")],
    words: Annotated[
        list[str], typer.Argument(metavar="COMMAND|URL", help="A command with its words, or a URL.")
    ],
    env: Annotated[
        list[str] | None,
        option("--env", metavar="NAME=TEXT", help="A variable for it.", panel=MODEL),
    ] = None,
    header: Annotated[
        list[str] | None,
        option(
            "--header",
            metavar="'NAME: TEXT'",
            help="A header for it; ${VARIABLE} keeps a secret out of the list.",
            panel=MODEL,
        ),
    ] = None,
) -> None:
    """Add a server to your own list.

    Flags of the server's command stand behind --.

    \b
    Examples:
      qwen3 mcp add time uvx mcp-server-time
      qwen3 mcp add wiki https://wiki.example/mcp --header 'X-Key: ${WIKI_KEY}'
      qwen3 mcp add files -- npx -y @modelcontextprotocol/server-filesystem .
    """
    from qwen3cli.commands.mcp.add import AddRequest, run_add

    run_add(AddRequest(name, words, env or (), header or ()), context.obj)


@mcp_app.command(cls=Command)
def remove(context: typer.Context, server: Annotated[str, _SERVER]) -> None:
    """Take a server out of your own list."""
    from qwen3cli.commands.mcp.remove import run_remove

    run_remove(server, context.obj)


@mcp_app.command(cls=Command)
def trust(
    context: typer.Context,
    yes: Annotated[bool, switch("-y", "--yes", help="Without asking.", panel=TOOLS)] = False,
    withdraw: Annotated[
        bool, switch("--withdraw", help="Take the approval back.", panel=TOOLS)
    ] = False,
) -> None:
    """Approve the .mcp.json of this folder, as it is now."""
    from qwen3cli.commands.mcp.trust import run_trust

    run_trust(context.obj, yes=yes, withdrawn=withdraw)


@mcp_app.command(cls=Command)
def login(context: typer.Context, server: Annotated[str, _SERVER], mcp: _FilesFlag = None) -> None:
    """Log in to a server that asks for it."""
    from qwen3cli.commands.mcp.login import run_login

    run_login(_request(mcp, offline=False), server, context.obj)


@mcp_app.command(cls=Command)
def serve(
    context: typer.Context,
    size: Annotated[
        str | None,
        option("--size", metavar="MODEL", help="The model; default as for ask.", panel=MODEL),
    ] = None,
) -> None:
    """Offer ask and the templates to other programs, over stdio."""
    from qwen3cli.commands.mcp.serve import run_serve

    run_serve(["--size", size] if size else [], context.obj)
