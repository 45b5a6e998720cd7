"""The line editor: history, several lines, pastes that stay one message, completion of commands and paths.

The only file that knows prompt_toolkit. Enter sends; Alt-Enter or Ctrl-J begins a new line; Ctrl-G opens the editor.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.filters import completion_is_selected
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.history import FileHistory, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

# Commands whose argument is a path.
_TAKES_PATH = ("/read", "/glob", "/save", "/model")


class LineEditor:
    """Reads one message at a time."""

    def __init__(
        self,
        commands: Sequence[tuple[str, str]],
        values: Mapping[str, Sequence[str]],
        history: Path | None,
        *,
        color: bool,
    ) -> None:
        """`commands` are (name, help) of the slash commands, `values` what may stand behind some of them; `history` None
        keeps none on disk."""
        self._prompt = ANSI("\x1b[1;36m>\x1b[0m ") if color else ANSI("> ")
        self._session: PromptSession[str] = PromptSession(
            history=FileHistory(str(history)) if history is not None else InMemoryHistory(),
            completer=_Completer(commands, values),
            complete_while_typing=True,
            multiline=True,
            prompt_continuation="  ",
            key_bindings=_bindings(),
            enable_open_in_editor=True,
            tempfile_suffix=".md",
            include_default_pygments_style=False,
        )

    def read(self, default: str = "") -> str:
        """The next message, with `default` already typed.

        Raises:
            EOFError: Ctrl-D on an empty line.
            KeyboardInterrupt: Ctrl-C on an empty line; on any other it clears the line.
        """
        return self._session.prompt(self._prompt, default=default)


def _bindings() -> KeyBindings:
    keys = KeyBindings()

    @keys.add(Keys.Enter, filter=~completion_is_selected)
    def _(event: KeyPressEvent) -> None:
        # Terminals without bracketed paste send a paste as keys: an Enter with keys waiting behind it is part of one.
        if any(press.key is not Keys.CPRResponse for press in event.app.key_processor.input_queue):
            event.current_buffer.insert_text("\n")
        else:
            event.current_buffer.validate_and_handle()

    @keys.add(Keys.Enter, filter=completion_is_selected)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.complete_state = None

    @keys.add(Keys.Escape, Keys.Enter)
    @keys.add(Keys.ControlJ)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @keys.add(Keys.ControlC)
    def _(event: KeyPressEvent) -> None:
        if (
            event.current_buffer.text
        ):  # as in every shell; only on an empty line it is a wish to leave
            event.current_buffer.reset()
        else:
            event.app.exit(exception=KeyboardInterrupt, style="class:aborting")

    @keys.add(Keys.ControlG)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.open_in_editor(validate_and_handle=False)

    return keys


class _Completer(Completer):
    """Slash commands at the start of the message and their values behind them, paths behind `@` and behind commands that
    take one."""

    def __init__(
        self, commands: Sequence[tuple[str, str]], values: Mapping[str, Sequence[str]]
    ) -> None:
        self._commands = commands
        self._values = values
        self._paths = PathCompleter(expanduser=True)

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """What could stand at the cursor."""
        text = document.text_before_cursor
        command, space, argument = text.partition(" ")
        if text.startswith("/") and not space:
            yield from self._matching(text)
        elif command in self._values and argument.partition("/")[0] == argument:
            for value in self._values[command]:
                if value.startswith(argument):
                    yield Completion(value, start_position=-len(argument))
        elif command in _TAKES_PATH:
            yield from self._path(argument, complete_event)
        else:
            word = document.get_word_before_cursor(WORD=True)
            if word.startswith("@"):
                yield from self._path(word[1:], complete_event)

    def _matching(self, start: str) -> Iterator[Completion]:
        for name, help_text in self._commands:
            if name.startswith(start):
                yield Completion(name, start_position=-len(start), display_meta=help_text)

    def _path(self, start: str, event: CompleteEvent) -> Iterable[Completion]:
        return self._paths.get_completions(Document(start, len(start)), event)
