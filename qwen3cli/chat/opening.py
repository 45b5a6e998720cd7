"""How a chat begins: a terminal, a model in memory, an editor with its history."""

import signal
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import ExitCode, UsageProblem
from qwen3cli.base.paths import state_folder
from qwen3cli.base.signals import ordinary
from qwen3cli.chat.completion import ChatCompleter
from qwen3cli.chat.consent import ChatAsker
from qwen3cli.chat.conversation import Conversation
from qwen3cli.chat.folds import Folds
from qwen3cli.chat.history import HistoryFile
from qwen3cli.chat.inputrc import says_vi
from qwen3cli.chat.keyboard import Keyboard
from qwen3cli.chat.line import LineEditor, Look
from qwen3cli.chat.repl import Repl
from qwen3cli.chat.resuming import resume
from qwen3cli.chat.slash.files import say_attached
from qwen3cli.chat.slash.registry import COMMANDS
from qwen3cli.chat.slash.thinking import slid
from qwen3cli.chat.state import Chat, Current, told
from qwen3cli.chat.terminal_kind import terminal_kind
from qwen3cli.commands.loading import load_chosen
from qwen3cli.commands.recording import Keeping, recording
from qwen3cli.commands.selection import find_or_fetch
from qwen3cli.commands.too_long import BY_NAMES
from qwen3cli.commands.tooling import ToolRequest, opened_toolkit
from qwen3cli.machine.plan import LoadOptions
from qwen3cli.models.choice import Choice
from qwen3cli.models.library import Library
from qwen3cli.models.sources import Network
from qwen3cli.render.renderer import Thoughts
from qwen3cli.sessions.values import Kind, Session
from qwen3cli.tools.consent import Consents
from qwen3cli.turn.interrupts import Interrupts
from qwen3cli.turn.settings import TurnSettings


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """Everything `chat` was told, but for how to load the model. `spec` names it; None: the best on this disk."""

    spec: str | None
    settings: TurnSettings
    thoughts: Thoughts = Thoughts.FOLD
    system: str = ""
    first: str = ""
    files: tuple[str, ...] = ()
    network: Network = Network()
    verbose: bool = False
    vi: bool | None = None  # None: as inputrc has it
    keeping: Keeping = field(default_factory=Keeping)
    session: Session | None = None  # to go on with
    tools: ToolRequest = ToolRequest()


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

    session = request.session
    record = recording(request.keeping, Kind.CHAT, environment)
    if session is not None:
        record.resume(session)
    first = find(request.spec)
    with (
        closing(record),
        ordinary(signal.SIGINT),
        Keyboard(environment.stdout, terminal_kind(environment.variables)) as keyboard,
        opened_toolkit(request.tools, environment, _asker(request, environment, keyboard)) as kit,
    ):

        def find_again(spec: str) -> Choice:
            with keyboard.lent():  # it may ask
                return find(spec)

        chat = Chat(
            environment,
            keyboard,
            Folds(),
            find_again,
            load,
            load(first),
            request.settings,
            request.thoughts,
            Conversation(request.system),
            record,
            kit=kit,
            max_rounds=request.tools.max_rounds,
            offline=request.network.offline,
        )
        try:
            chat.change_settings(request.settings)
            files = [document for name in request.files for document in chat.read_named(name)]
            chat.attach(files, BY_NAMES)
            chat.say(
                f"{chat.current.choice.title} is ready. /help lists the commands, Ctrl-D leaves."
            )
            say_attached(chat, files)
            if session is not None:
                resume(chat, session)
            return Repl(chat, _editor(chat, vi=request.vi)).run(request.first)
        finally:
            chat.current.loaded.close()


def _asker(request: ChatRequest, environment: Environment, keyboard: Keyboard) -> ChatAsker:
    consents = Consents(environment.variables)
    return ChatAsker(environment, keyboard, consents, request.tools.readable)


def _loader(
    options: LoadOptions, environment: Environment, *, verbose: bool
) -> Callable[[Choice], Current]:
    def load(choice: Choice) -> Current:
        with Interrupts() as interrupts:
            loaded = load_chosen(choice, options, environment, interrupts, verbose=verbose)
        if interrupts.ended_by:  # it came too late to stop the loading
            signal.raise_signal(interrupts.ended_by)
        return Current(choice, loaded)

    return load


def _editor(chat: Chat, *, vi: bool | None) -> LineEditor:
    variables = chat.environment.variables
    models = Library(variables).names()

    def values(command: str) -> Sequence[str]:
        if command == "/model":
            return models
        if command == "/drop":
            return [each.name for each in chat.attachments]
        return next((each.values for each in COMMANDS if each.name == command), ())

    def edit(line: str) -> str | None:
        try:
            return chat.edit(line)
        except UsageProblem as problem:
            chat.say(told(problem))
            return None

    return LineEditor(
        chat.keyboard,
        chat.folds,
        HistoryFile(state_folder(variables) / "history", chat.folds),
        ChatCompleter([(each.name, each.help) for each in COMMANDS], values),
        edit=edit,
        slide=lambda step: slid(chat, step),
        look=Look(
            vi=says_vi(variables) if vi is None else vi, color=chat.environment.stdout_has_color()
        ),
    )
