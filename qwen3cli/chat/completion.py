"""What could stand at the cursor: slash commands at the start of a message and their values behind them, paths behind `@`
and behind commands that take one."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document

from qwen3cli.chat.mentions import begun, plain, spelled_like

_TAKES_PATH = ("/read", "/glob", "/save", "/save-code", "/model")


class ChatCompleter(Completer):
    """`commands` are (name, help) of the slash commands, `values` gives what may stand behind one."""

    def __init__(
        self, commands: Sequence[tuple[str, str]], values: Callable[[str], Sequence[str]]
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
        mention = begun(text)
        if text.startswith("/") and not space:
            yield from self._matching(text)
        elif values := [each for each in self._values(command) if each.startswith(argument)]:
            for value in values:
                yield Completion(value, start_position=-len(argument))
        elif command in _TAKES_PATH:
            yield from self._paths.get_completions(
                Document(argument, len(argument)), complete_event
            )
        elif mention is not None:
            yield from self._mentioned(mention, complete_event)

    def _matching(self, start: str) -> Iterator[Completion]:
        for name, help_text in self._commands:
            if name.startswith(start):
                yield Completion(name, start_position=-len(start), display_meta=help_text)

    def _mentioned(self, start: str, event: CompleteEvent) -> Iterator[Completion]:
        """Paths that begin so, spelled so that they are one mention."""
        path = plain(start)
        for each in self._paths.get_completions(Document(path, len(path)), event):
            yield Completion(
                spelled_like(start, path + each.text),
                start_position=-len(start),
                display=each.display,
            )
