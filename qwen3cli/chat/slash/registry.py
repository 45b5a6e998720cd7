"""The slash commands, as records in one table: dispatch, `/help` and completion are all read from it."""

from collections.abc import Callable
from dataclasses import dataclass

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.suggestions import did_you_mean
from qwen3cli.chat.slash.code import CODE, copy, save_code
from qwen3cli.chat.slash.context import context
from qwen3cli.chat.slash.exchanges import clear, edit, go_on, regen, system, undo
from qwen3cli.chat.slash.files import drop, files, glob, read
from qwen3cli.chat.slash.help import KEYS, NAME_COLUMNS, overview
from qwen3cli.chat.slash.model import model, stats
from qwen3cli.chat.slash.save import save
from qwen3cli.chat.slash.schema import schema
from qwen3cli.chat.slash.set import SETTINGS, set_value
from qwen3cli.chat.slash.thinking import no_think, think, thoughts
from qwen3cli.chat.slash.tools import tool, tools
from qwen3cli.chat.state import Chat
from qwen3cli.dialogue.messages import Message
from qwen3cli.documents.pictures import NO_PICTURES
from qwen3cli.render.renderer import Thoughts
from qwen3cli.turn.thinking import EFFORT_TOKENS


@dataclass(frozen=True, slots=True)
class Command:
    """One slash command. `help` is its few words in `/help`; `argument` is how its argument is shown by `/help COMMAND`,
    and `more` what that adds; `values` are words that may stand behind it."""

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
    name, argument = [*line.split(maxsplit=1), ""][:2]
    if name.endswith("!"):  # it says how something is to be done, as the argument does
        name, argument = name.removesuffix("!"), f"! {argument}"
    command = _called(name)
    if command is None and name in _PICTURES:
        raise UsageProblem(f"{name}: {NO_PICTURES}", "/read FILE attaches a text or a document")
    if command is None:
        known = [each.name for each in COMMANDS]
        raise UsageProblem(
            f"{name} is no command, and was not sent{did_you_mean(name.lower(), known)}",
            "/help lists them; // in front sends it as text",
        )
    argument = argument.strip()
    if argument and not command.argument:
        raise UsageProblem(
            f"nothing stands behind {command.name}, and {argument} does",
            f"{command.name} alone; // in front sends the line as text",
        )
    return command.run(chat, argument)


def is_command(line: str) -> bool:
    """Whether a line is for us and not for the model."""
    text = line.strip()
    return (text.startswith("/") and not text.startswith("//")) or text in _BARE_LEAVES


_BARE_LEAVES = ("exit", "quit")
_PICTURES = ("/image", "/img", "/picture")


def _called(name: str) -> Command | None:
    return next((each for each in COMMANDS if name.lower() in (each.name, *each.aliases)), None)


def _help(chat: Chat, argument: str) -> None:
    if not argument:
        listed = [(each.name, each.help) for each in COMMANDS]
        chat.say(overview(listed, chat.environment.terminal_columns()), indent=NAME_COLUMNS)
        chat.say(KEYS)
        return
    command = _called("/" + argument.removeprefix("/"))
    if command is None:
        raise UsageProblem(f"there is no command {argument}", "/help")
    _explain(chat, command)


def _explain(chat: Chat, command: Command) -> None:
    chat.say(f"{command.name} {command.argument}".strip())
    chat.say(f"{command.help}. {command.more}".strip())
    if command.aliases:
        chat.say(f"also: {', '.join(command.aliases)}")


def _exit(chat: Chat, _argument: str) -> None:
    chat.leaving = True


COMMANDS = (
    Command("/help", "[COMMAND]", "list, or explain a command", _help, ("/?", "/h")),
    Command(
        "/think",
        "[on|off|low|medium|high|N]",
        "whether and how long",
        think,
        values=("on", "off", *EFFORT_TOKENS),
        more="Low, medium and high are budgets of 1,024, 4,096 and 16,384 tokens; -1 is no limit. Alone it says how it"
        " is. Qwen3's own switches, /think and /no_think, work anywhere in a message but at its start.",
    ),
    Command("/no_think", "", "the same as /think off", no_think, ("/nothink",)),
    Command(
        "/thoughts",
        "[show|fold|hide]",
        "how they are shown",
        thoughts,
        values=tuple(Thoughts),
        more="Alone it shows the last ones. fold shows their end while they run, then one line; show keeps them on the screen; hide says that there"
        " are some.",
    ),
    Command(
        "/system",
        "[TEXT]",
        "set the system message",
        system,
        more="A - takes it away; alone it shows it.",
    ),
    Command(
        "/schema",
        "[SCHEMA|off]",
        "the form of answers",
        schema,
        values=("off",),
        more="Answers are held to a JSON Schema: a file, a schema in JSON, or fields: /schema name, age int, tags [string]. The thoughts are free.",
    ),
    Command(
        "/read",
        "FILE",
        "attach a file, as @FILE",
        read,
        ("/add",),
        more="It goes with your next message, whole. A path with blanks may stand in quotes; several paths are several"
        ' files. In a message it is @notes.md, @"my notes.md" or @my\\ notes.md.',
    ),
    Command(
        "/glob",
        "PATTERN",
        "attach what matches",
        glob,
        more="For example src/**/*.py. What cannot be read as text is skipped, and told.",
    ),
    Command(
        "/files",
        "",
        "what is attached",
        files,
        ("/ls",),
        more="In tokens: what was sent, which /undo takes back, and what goes with your next message.",
    ),
    Command(
        "/drop",
        "NAME",
        "take a file off again",
        drop,
        more="Or all that match a pattern: /drop *.py, /drop *.",
    ),
    Command(
        "/continue",
        "",
        "go on with a cut answer",
        go_on,
        more="The model takes its last answer up at its end, without thinking again.",
    ),
    Command(
        "/regen",
        "[NAME VALUE...]",
        "answer the last again",
        regen,
        ("/retry", "/redo"),
        values=("think", *SETTINGS),
        more="With other settings for this once: /regen temperature 1 think off.",
    ),
    Command("/undo", "", "take the last back", undo, more="Its question stands in the line again."),
    Command(
        "/edit",
        "[TEXT]",
        "write in your editor",
        edit,
        more="VISUAL or EDITOR names it. It is sent when the editor ends, unless it is empty or the editor fails.",
    ),
    Command("/clear", "", "forget what was said", clear, ("/new", "/reset")),
    Command(
        "/save",
        "[FILE] [+thoughts]",
        "save the conversation",
        save,
        more="As .md or .json. Markdown has the thoughts if +thoughts stands behind the name, JSON always. A file that exists is kept,"
        " unless it is /save! FILE. Without a name the time is one.",
    ),
    Command(
        "/save-code",
        "[FILE]",
        "save the last block",
        save_code,
        more="Of the last answer. A file that exists is kept, unless it is /save-code! FILE. Without a name the time is one.",
    ),
    Command(
        "/copy",
        "[code]",
        "the last answer elsewhere",
        copy,
        values=(CODE,),
        more="It is put on the clipboard, /copy code only its last block: by the desktop's program, if there is one, and by"
        " the terminal, which may have to be told to allow it (OSC 52).",
    ),
    Command("/model", "[NAME]", "change or show the model", model),
    Command(
        "/set",
        "[NAME VALUE]",
        "change or list sampling",
        set_value,
        values=SETTINGS,
        more="The value default takes it back.",
    ),
    Command(
        "/context",
        "",
        "what fills the context",
        context,
        ("/tokens",),
        more="In tokens: the system message, tools, each file, what was said, thoughts, and what is free.",
    ),
    Command(
        "/tools",
        "[on|off SERVER]",
        "what it may call",
        tools,
        values=("on", "off"),
        more="The tools of this chat and what they cost; on and off are for all tools of a server.",
    ),
    Command("/tool", "N", "all of a call's result", tool),
    Command("/stats", "", "tokens and speed so far", stats),
    Command("/exit", "", "leave", _exit, ("/quit", "/bye", "/q", *_BARE_LEAVES)),
)
