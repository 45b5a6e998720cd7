"""The slash commands, as records in one table: dispatch, `/help` and completion are all read from it."""

from collections.abc import Callable
from dataclasses import dataclass

from qwen3cli.base.errors import UsageProblem
from qwen3cli.chat.slash.exchanges import clear, edit, regen, system, undo
from qwen3cli.chat.slash.files import glob, read
from qwen3cli.chat.slash.model import model, stats
from qwen3cli.chat.slash.save import save
from qwen3cli.chat.slash.set import SETTINGS, set_value
from qwen3cli.chat.slash.thinking import no_think, think, thoughts
from qwen3cli.chat.state import Chat
from qwen3cli.dialogue.messages import Message
from qwen3cli.render.renderer import Thoughts
from qwen3cli.turn.thinking import EFFORT_TOKENS


@dataclass(frozen=True, slots=True)
class Command:
    """One slash command. `argument` is how its argument is shown in help; `values` are words that may stand there."""

    name: str
    aliases: tuple[str, ...]
    argument: str
    help: str
    run: Callable[[Chat, str], Message | None]
    values: tuple[str, ...] = ()


def dispatch(chat: Chat, line: str) -> Message | None:
    """Run the command on this line. Returns a message to send, if it made one.

    Raises:
        UsageProblem: there is no such command, or its argument makes no sense.
    """
    name, _, argument = line.strip().partition(" ")
    if name.endswith("!"):  # it says how something is to be done, as the argument does
        name, argument = name.removesuffix("!"), f"! {argument}"
    for command in COMMANDS:
        if name == command.name or name in command.aliases:
            return command.run(chat, argument.strip())
    raise UsageProblem(
        f"{name} is no command, and was not sent",
        "/help lists them; // in front sends it as text",
    )


def is_command(line: str) -> bool:
    """Whether a line is for us and not for the model."""
    return (line.startswith("/") and not line.startswith("//")) or line.strip() in _BARE_LEAVES


_BARE_LEAVES = ("exit", "quit")


def _help(chat: Chat, _argument: str) -> None:
    width = max(len(f"{each.name} {each.argument}") for each in COMMANDS)
    for each in COMMANDS:
        also = f" (also {', '.join(each.aliases)})" if each.aliases else ""
        chat.say(f"{f'{each.name} {each.argument}':{width}}  {each.help}{also}", indent=width + 2)
    chat.say(
        "@path in a message attaches that file. Alt-Enter or Ctrl-J begins a new line, Ctrl-G opens your editor."
    )
    chat.say(
        "While the model thinks, any key (or Ctrl-C) asks for the answer; during the answer Ctrl-C stops it. On an empty"
        " line Ctrl-C twice within a second leaves; on any other it clears the line."
    )


def _exit(chat: Chat, _argument: str) -> None:
    chat.leaving = True


COMMANDS = (
    Command("/help", ("/?", "/h"), "", "list the commands", _help),
    Command(
        "/think",
        (),
        "[on|off|low|medium|high|N]",
        "think first, or not, or at most N tokens",
        think,
        ("on", "off", *EFFORT_TOKENS),
    ),
    Command("/no_think", ("/nothink",), "", "the same as /think off", no_think),
    Command(
        "/thoughts",
        (),
        "[show|fold|hide]",
        "how thoughts are shown; alone: the last ones",
        thoughts,
        tuple(Thoughts),
    ),
    Command("/system", (), "[TEXT]", "set the system message, - for none; alone: show it", system),
    Command("/read", (), "FILE", "attach a text file to the next message", read),
    Command("/glob", (), "PATTERN", "attach every text file that matches", glob),
    Command("/regen", ("/retry",), "", "answer the last question again", regen),
    Command("/undo", (), "", "forget the last exchange, and edit its question", undo),
    Command("/edit", (), "[TEXT]", "write a message in your editor", edit),
    Command("/clear", ("/new",), "", "forget the conversation", clear),
    Command("/save", (), "FILE", "save the conversation as .md or .json", save),
    Command("/model", (), "[NAME]", "change the model; alone: show it", model),
    Command(
        "/set",
        (),
        "[NAME VALUE]",
        "change a sampling setting; alone: list them",
        set_value,
        SETTINGS,
    ),
    Command("/stats", (), "", "context, tokens and speed so far", stats),
    Command("/exit", ("/quit", "/bye", *_BARE_LEAVES), "", "leave (also Ctrl-D)", _exit),
)
