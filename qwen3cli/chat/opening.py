"""How a chat begins: a terminal, a model in memory, an editor with its history."""

import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import ExitCode, UsageProblem
from qwen3cli.base.paths import state_folder
from qwen3cli.chat.conversation import Conversation
from qwen3cli.chat.line import LineEditor
from qwen3cli.chat.repl import Repl
from qwen3cli.chat.slash.registry import COMMANDS
from qwen3cli.chat.state import Chat, Loaded
from qwen3cli.commands.loading import load_dialogue
from qwen3cli.commands.selection import find_or_fetch
from qwen3cli.machine.plan import LoadOptions
from qwen3cli.models.choice import Choice
from qwen3cli.models.library import Library
from qwen3cli.models.sources import Network
from qwen3cli.render.renderer import Thoughts
from qwen3cli.turn.interrupts import ENDINGS, Interrupts
from qwen3cli.turn.settings import TurnSettings

_KILLED = 128  # and the signal's number: what shells say of a program that was ended


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """Everything `chat` was told, but for how to load the model. `spec` names it; None: the best on this disk."""

    spec: str | None
    settings: TurnSettings
    thoughts: Thoughts = Thoughts.FOLD
    system: str = ""
    first: str = ""
    network: Network = Network()
    verbose: bool = False


def run_chat(request: ChatRequest, options: LoadOptions, environment: Environment) -> ExitCode:
    """Talk until the user leaves.

    Raises:
        UsageProblem: there is no terminal to talk on, or the model cannot do what is wished.
        QwenError: the model cannot be loaded.
    """
    if not (environment.stdin_is_terminal and environment.stdout_is_terminal):
        raise UsageProblem("chat needs a terminal", 'in a pipeline use qwen3 ask "..."')
    load = _loader(options, environment, verbose=request.verbose)

    def find(spec: str | None) -> Choice:
        return find_or_fetch(spec, environment, request.network)

    chat = Chat(
        environment,
        find,
        load,
        load(find(request.spec)),
        request.settings,
        request.thoughts,
        Conversation(request.system),
    )
    for ending in ENDINGS:
        signal.signal(ending, _leave)  # through every `with`, so that the terminal is as it was
    try:
        chat.change_settings(request.settings)
        chat.say(f"{chat.loaded.choice.title} is ready. /help lists the commands, Ctrl-D leaves.")
        return Repl(chat, _editor(environment)).run(request.first)
    finally:
        chat.loaded.dialogue.close()


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(_KILLED + number)


def _loader(
    options: LoadOptions, environment: Environment, *, verbose: bool
) -> Callable[[Choice], Loaded]:
    def load(choice: Choice) -> Loaded:
        with Interrupts() as interrupts:
            dialogue = load_dialogue(choice, options, environment, interrupts, verbose=verbose)
        return Loaded(choice, dialogue)

    return load


def _editor(environment: Environment) -> LineEditor:
    commands = [(each.name, each.help) for each in COMMANDS]
    values = {each.name: each.values for each in COMMANDS if each.values}
    values["/model"] = Library(environment.variables).names()
    return LineEditor(commands, values, _history(environment), color=environment.stdout_has_color())


def _history(environment: Environment) -> Path | None:
    """The history file, for this user's eyes only; None where it cannot be kept."""
    folder = state_folder(environment.variables)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        history = folder / "history"
        history.touch(mode=0o600)
    except OSError:
        return None
    return history
