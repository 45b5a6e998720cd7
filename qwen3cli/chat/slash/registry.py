"""The slash commands, as records in one table: dispatch, `/help` and completion are all read from it."""

from collections.abc import Callable
from dataclasses import dataclass

from qwen3cli.base.errors import UsageProblem
from qwen3cli.chat.slash.exchanges import clear, edit, regen, system, undo
from qwen3cli.chat.slash.files import drop, files, glob, read
from qwen3cli.chat.slash.model import model, stats
from qwen3cli.chat.slash.save import save
from qwen3cli.chat.slash.schema import schema
from qwen3cli.chat.slash.set import SETTINGS, set_value
from qwen3cli.chat.slash.thinking import no_think, think, thoughts
from qwen3cli.chat.state import Chat
from qwen3cli.dialogue.messages import Message
from qwen3cli.render.renderer import Thoughts
from qwen3cli.turn.thinking import EFFORT_TOKENS


@dataclass(frozen=True, slots=True)
class Command:
    """One slash command. `argument` is how its argument is shown in help, `help` its line there, `more` what
    `/help COMMAND` adds; `values` are words that may stand behind it."""

    name: str
    argument: str
    help: str
    run: Callable[[Chat, str], Message | None]
    aliases: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    more: str = ""


def dispatch(chat: Chat, line: str) -> Message | None:
    """Run the command on this line. Returns a message to send, if it made one.

    Raises:
        UsageProblem: there is no such command, or its argument makes no sense.
    """
    name, _, argument = line.strip().partition(" ")
    if name.endswith("!"):  # it says how something is to be done, as the argument does
        name, argument = name.removesuffix("!"), f"! {argument}"
    command = _called(name)
    if command is None:
        raise UsageProblem(
            f"{name} is no command, and was not sent",
            "/help lists them; // in front sends it as text",
        )
    return command.run(chat, argument.strip())


def is_command(line: str) -> bool:
    """Whether a line is for us and not for the model."""
    return (line.startswith("/") and not line.startswith("//")) or line.strip() in _BARE_LEAVES


_BARE_LEAVES = ("exit", "quit")


def _called(name: str) -> Command | None:
    return next((each for each in COMMANDS if name in (each.name, *each.aliases)), None)


# One screen of 80 columns and 24 rows holds the commands, these, the line above and the next prompt.
_KEYS = """\
Alt-Enter or Ctrl-J: a new line. Ctrl-X Ctrl-E: your editor. Ctrl-R: search.
While it thinks, any key asks for the answer. Ctrl-C stops it, or the answer.
/help COMMAND says more. Ctrl-D leaves, as Ctrl-C twice on an empty line does."""


def _help(chat: Chat, argument: str) -> None:
    if argument:
        command = _called("/" + argument.removeprefix("/"))
        if command is None:
            raise UsageProblem(f"there is no command {argument}", "/help")
        _explain(chat, command)
        return
    width = max(len(f"{each.name} {each.argument}") for each in COMMANDS)
    for each in COMMANDS:
        chat.say(f"{f'{each.name} {each.argument}':{width}}  {each.help}", indent=width + 2)
    chat.say(_KEYS)


def _explain(chat: Chat, command: Command) -> None:
    chat.say(f"{command.name} {command.argument}".strip())
    chat.say(f"{command.help}. {command.more}".strip())
    if command.aliases:
        chat.say(f"also: {', '.join(command.aliases)}")


def _exit(chat: Chat, _argument: str) -> None:
    chat.leaving = True


COMMANDS = (
    Command("/help", "[COMMAND]", "list the commands, or explain one", _help, ("/?", "/h")),
    Command(
        "/think",
        "[on|off|low|medium|high|N]",
        "think, or not, or at most N tokens",
        think,
        values=("on", "off", *EFFORT_TOKENS),
        more="Low, medium and high are budgets of 1,024, 4,096 and 16,384 tokens; -1 is no limit. Alone it says how it"
        " is. Qwen3's own switches, /think and /no_think, work anywhere in a message but at its start.",
    ),
    Command("/no_think", "", "the same as /think off", no_think, ("/nothink",)),
    Command(
        "/thoughts",
        "[show|fold|hide]",
        "how thoughts are shown; alone: the last",
        thoughts,
        values=tuple(Thoughts),
        more="fold shows their end while they run, then one line; show keeps them on the screen; hide says that there"
        " are some.",
    ),
    Command("/system", "[TEXT]", "set the system message, - for none", system),
    Command(
        "/schema",
        "[SCHEMA|off]",
        "hold answers to a JSON Schema",
        schema,
        values=("off",),
        more="A file, a schema in JSON, or fields: /schema name, age int, tags [string]. The thoughts are free.",
    ),
    Command(
        "/read",
        "FILE",
        "attach a text file, as @FILE does",
        read,
        more="It goes with your next message, whole. A path with blanks may stand in quotes; several paths are several"
        ' files. In a message it is @notes.md, @"my notes.md" or @my\\ notes.md.',
    ),
    Command(
        "/glob",
        "PATTERN",
        "attach every text file that matches",
        glob,
        more="For example src/**/*.py. What cannot be read as text is skipped, and told.",
    ),
    Command("/files", "", "list what is attached, with its tokens", files),
    Command("/drop", "NAME", "take an attached file off again", drop),
    Command("/regen", "", "answer the last question again", regen, ("/retry",)),
    Command("/undo", "", "forget the last exchange, edit its question", undo),
    Command(
        "/edit",
        "[TEXT]",
        "write a message in your editor",
        edit,
        more="VISUAL or EDITOR names it. It is sent when the editor ends, unless it is empty or the editor fails.",
    ),
    Command("/clear", "", "forget the conversation", clear, ("/new",)),
    Command(
        "/save",
        "[FILE] [+thoughts]",
        "save as .md or .json",
        save,
        more="Markdown has the thoughts if +thoughts stands behind the name, JSON always. A file that exists is kept,"
        " unless it is /save! FILE. Without a name the time is one.",
    ),
    Command("/model", "[NAME]", "change the model; alone: show it", model),
    Command(
        "/set",
        "[NAME VALUE]",
        "change a sampling setting; alone: list",
        set_value,
        values=SETTINGS,
        more="The value default takes it back.",
    ),
    Command("/stats", "", "context, tokens and speed so far", stats),
    Command("/exit", "", "leave", _exit, ("/quit", "/bye", *_BARE_LEAVES)),
)
