"""The line editor: one message at a time, with history, completion, and long texts folded.

Keys that were pressed before the prompt was there come first, line by line, as if they were pressed now.
"""

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.application import Application, create_app_session
from prompt_toolkit.completion import Completer
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition, is_searching
from prompt_toolkit.formatted_text import ANSI, AnyFormattedText
from prompt_toolkit.history import History
from prompt_toolkit.key_binding import KeyBindings, KeyPress, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import DummyOutput
from prompt_toolkit.output.plain_text import PlainTextOutput

from qwen3cli.base.signals import heard
from qwen3cli.chat.bindings import EditorWanted, bindings
from qwen3cli.chat.folds import Folds
from qwen3cli.chat.keyboard import Keyboard
from qwen3cli.chat.kills import KillRing
from qwen3cli.chat.line_output import ShownFolds, terminal_output
from qwen3cli.chat.mentions import begun


@dataclass(frozen=True, slots=True)
class Look:
    """How lines are edited and drawn: with vi's keys or emacs's, in colour or not."""

    vi: bool
    color: bool


class LineEditor:
    """Reads from the keyboard, one line at a time: a message or a command, long texts in it folded."""

    def __init__(
        self,
        keyboard: Keyboard,
        folds: Folds,
        history: History,
        completer: Completer,
        *,
        edit: Callable[[str], str | None],
        slide: Callable[[int], str],
        look: Look,
    ) -> None:
        """`edit` opens a line in the user's editor and gives it back, or None if nothing came of it. `slide` makes the
        thinking one step longer or shorter, and says how it is then."""
        self._keyboard = keyboard
        self._edit = edit
        self._slide = slide
        self._color = look.color
        self._status = ""  # what stands above the line
        self._line_of: int | None = None  # of the history, that the line was begun with
        self._next_line: int | None = None
        self._ended_by = 0  # the signal that ended the prompt
        self._handlers: dict[int, Any] = {}
        # A prompt without escape sequences is only had where the library itself chooses the output, from this session.
        plain = create_app_session(output=PlainTextOutput(sys.stdout))
        with plain if keyboard.plain else nullcontext():
            self._session = self._new_session(folds, history, completer, look)

    def _new_session(
        self, folds: Folds, history: History, completer: Completer, look: Look
    ) -> PromptSession[str]:
        ring = KillRing()
        return PromptSession(
            self._prompt,
            history=history,
            completer=completer,
            # Room for a menu is kept below the line only while there can be one.
            complete_while_typing=Condition(self._may_complete),
            multiline=True,
            prompt_continuation="  ",
            key_bindings=self._bindings(folds, ring),
            clipboard=ring,
            input_processors=[ShownFolds(folds)],
            editing_mode=EditingMode.VI if look.vi else EditingMode.EMACS,
            include_default_pygments_style=False,
            input=self._keyboard.input,
            output=None if self._keyboard.plain else terminal_output(),
        )

    def read(self, draft: str = "") -> str:
        """The next line, with `draft` already in it.

        Raises:
            EOFError: Ctrl-D on an empty line.
            KeyboardInterrupt: Ctrl-C on an empty line; on any other it clears the line.
        """
        self._status = ""
        self._line_of, self._next_line = self._next_line, None
        try:
            with self._endings():
                return self._session.prompt(
                    default=draft or self._earlier(self._line_of),
                    pre_run=self._press_ahead,
                    set_exception_handler=False,
                )
        except EditorWanted as wanted:
            return self._edited(wanted.line)

    def key(self) -> KeyPress:
        """One key, which is not shown."""
        ahead = self._keyboard.take_ahead()
        self._keyboard.put_back(ahead[1:])
        if ahead:
            return ahead[0]
        keys = KeyBindings()

        @keys.add(Keys.Any, eager=True)
        def _(event: KeyPressEvent) -> None:
            event.app.exit(result=event.key_sequence[0])

        asked: Application[KeyPress] = Application(
            key_bindings=keys, input=self._keyboard.input, output=DummyOutput()
        )
        try:
            return asked.run(set_exception_handler=False)
        except EOFError:  # the terminal is gone
            return KeyPress(Keys.ControlD)

    def _bindings(self, folds: Folds, ring: KillRing) -> KeyBindings:
        keys = bindings(folds, ring, self._keyboard.suspend, self._slid)
        keys.add("c-o", filter=~is_searching)(self._send_and_get_next)
        return keys

    def _send_and_get_next(self, event: KeyPressEvent) -> None:
        """Send this line of the history, and let the one behind it stand in the next prompt."""
        buffer = event.current_buffer
        is_earlier = buffer.working_index < len(buffer.history.get_strings())
        here = buffer.working_index if is_earlier else self._line_of
        self._next_line = None if here is None else here + 1
        buffer.validate_and_handle()

    def _earlier(self, number: int | None) -> str:
        """A line of the history; nothing if there is none of this number."""
        lines = self._session.history.get_strings()
        return lines[number] if number is not None and number < len(lines) else ""

    def _slid(self, step: int) -> None:
        """How it is now stands above the line."""
        self._status = self._slide(step) + "\n"

    def _prompt(self) -> AnyFormattedText:
        if not self._color:
            return f"{self._status}> "
        return ANSI(f"\x1b[2m{self._status}\x1b[0m\x1b[1;36m>\x1b[0m ")

    def _may_complete(self) -> bool:
        text = self._session.default_buffer.document.text_before_cursor
        return text.startswith("/") or begun(text) is not None

    def _edited(self, line: str) -> str:
        """The line as the user's editor leaves it, sent at once, as readline does. If nothing came of it, it stands as it
        was."""
        self._session.app.erase_when_done = False
        edited = self._edit(line)
        if not edited:
            return self.read(line)
        return self._session.prompt(default=edited, accept_default=True)

    def _press_ahead(self) -> None:
        """Press the keys that wait, and then those that come until the prompt reads by itself."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._fail)
        for number in self._handlers:
            loop.add_signal_handler(number, self._end, number)
        self._press_waiting()
        loop.call_soon(self._follow_stops, loop)

    @contextmanager
    def _endings(self) -> Iterator[None]:
        """A wish to end the process (SIGTERM, a closed terminal) ends the prompt first: an exception out of a signal handler
        could leave the library waiting. Then it is heard as before."""
        self._ended_by = 0
        self._handlers = {
            number: signal.getsignal(number)
            for number in heard()
            if number != signal.SIGINT and sys.platform != "win32"
        }
        try:
            yield
        finally:
            self._keyboard.continued = self._keyboard.work_again
            for number, handler in self._handlers.items():
                signal.signal(number, handler)
            if self._ended_by:
                signal.raise_signal(self._ended_by)

    def _follow_stops(self, loop: asyncio.AbstractEventLoop) -> None:
        """The prompt has the terminal now, and wants it back like this whenever the process was stopped."""
        modes = self._keyboard.modes()
        self._keyboard.continued = lambda: loop.call_soon_threadsafe(self._draw_again, modes)
        self._press_waiting()

    def _draw_again(self, modes: list[Any]) -> None:
        """Draw the prompt where the cursor is now, below what others have written."""
        self._keyboard.take(modes)
        self._session.app.renderer.reset()
        self._session.app.invalidate()
        self._press_waiting()

    def _end(self, number: int) -> None:
        self._ended_by = number
        if not self._session.app.is_done:
            self._session.app.exit(exception=EOFError)

    def _fail(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What goes wrong while the library waits for keys ends the prompt; it would show a traceback and ask for Enter,
        which nobody presses where the terminal is gone."""
        problem, app = context.get("exception"), self._session.app
        if problem is not None and app.is_running and not app.is_done:
            app.exit(exception=problem)

    def _press_waiting(self) -> None:
        app = self._session.app
        keys = self._keyboard.take_ahead()
        while keys and not app.is_done:
            end = next((i for i, press in enumerate(keys, 1) if press.key is Keys.Enter), len(keys))
            app.key_processor.feed_multiple(keys[:end])
            app.key_processor.process_keys()
            keys = keys[end:]
        self._keyboard.put_back(keys)
