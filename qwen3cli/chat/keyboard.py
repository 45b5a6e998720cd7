"""The keyboard, from the first moment of a chat to the last: nobody else reads the terminal.

    at the prompt     the line editor asks for keys; all of them are keys, Ctrl-C and Ctrl-Z too
    while we work     `poll` takes keys in and they wait for the next prompt; Ctrl-C and Ctrl-Z are signals, which pass
                      what stands in the terminal's queue and leave it there
    lent              an editor or a question has the terminal as it was before the chat

Keys are never echoed while we work. Bracketed paste stays on all the time, so that a paste is one key press with its
text, whenever it comes. Escape sequences used: CSI ?2004 h / l, bracketed paste on / off.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from prompt_toolkit.input import Input, create_input
from prompt_toolkit.input.typeahead import get_typeahead
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys

from qwen3cli.base.errors import OutputFailed
from qwen3cli.base.streams import Output
from qwen3cli.chat.terminal_kind import TerminalKind

if TYPE_CHECKING:
    from qwen3cli.chat.keys import TerminalKeys

_BRACKETS_ON, _BRACKETS_OFF = "\x1b[?2004h", "\x1b[?2004l"
# Keys that are signals while we work. Without such signals (Windows), they come as keys.
_SIGNALS = {Keys.ControlC: signal.SIGINT, Keys.ControlZ: getattr(signal, "SIGTSTP", None)}
# How long what is typed may stand in the terminal's queue, whose end nobody hears once it is full.
_LISTEN_SECONDS = 0.1
_DISABLED = b"\0"  # POSIX's _POSIX_VDISABLE, on the systems we run on

T = TypeVar("T")


class Keyboard:
    """Use it in `with`, around everything that a chat does."""

    def __init__(self, screen: Output, kind: TerminalKind) -> None:
        """`screen` is the terminal's other half."""
        self._screen = screen
        self._terminal = _terminal(marks_pastes=kind.marks_pastes)
        self.input: Input = self._terminal or create_input()
        self.plain = kind.plain
        self._ahead: list[KeyPress] = []
        self._wishes: Mapping[tuple[Keys, ...], Callable[[], object]] = {}
        self._before: list[Any] = []
        self._handlers: dict[int, Any] = {}
        self._stoppable = False
        self._drawing = False
        self._reading = threading.RLock()  # the terminal; held by whoever takes keys from it
        self.suspend_asked = False
        self._working: list[Any] = []
        self.continued: Callable[[], object] = self.work_again  # after somebody else has stopped us

    def __enter__(self) -> Self:
        self._handlers[signal.SIGINT] = signal.signal(signal.SIGINT, self._on_interrupt)
        if sys.platform != "win32":
            self._before = self.modes()
            self._handlers[signal.SIGTSTP] = signal.signal(signal.SIGTSTP, self._on_suspend)
            self._handlers[signal.SIGCONT] = signal.signal(signal.SIGCONT, self._on_continue)
            self._working = _while_we_work(self._before)
            self.take(self._working)
        return self

    def __exit__(self, *_: object) -> None:
        self._give()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    # ---- keys that were typed ahead --------------------------------------------------------------------------------

    def poll(self) -> list[KeyPress]:
        """Take in what was pressed since the last call. Returns the keys of it: a paste is none, what is a signal is raised,
        and what is a wish is done."""
        keys = []
        for press in self._but_wishes(self._new_keys()):
            number = _SIGNALS.get(press.key) if isinstance(press.key, Keys) else None
            if number is not None:
                signal.raise_signal(number)
                continue
            self._ahead.append(press)
            if press.key is not Keys.BracketedPaste:
                keys.append(press)
        return keys

    @contextmanager
    def hearing(self, wishes: Mapping[tuple[Keys, ...], Callable[[], object]]) -> Iterator[None]:
        """While `poll` is called in here, these keys are no text: what they stand for is done at once."""
        self._wishes = wishes
        try:
            yield
        finally:
            self._wishes = {}

    def _but_wishes(self, presses: list[KeyPress]) -> Iterator[KeyPress]:
        while presses:
            for keys, do in self._wishes.items():
                if tuple(press.key for press in presses[: len(keys)]) == keys:
                    del presses[: len(keys)]
                    do()
                    break
            else:
                yield presses.pop(0)

    def forget_key(self) -> None:
        """The key that was just pressed was a wish, no text, unless more keys follow it at the pace of typing."""
        if self._terminal is not None:
            self._terminal.hold(self._ahead.pop())

    def take_ahead(self) -> list[KeyPress]:
        """All keys that wait, and none waits any more."""
        taken, self._ahead = self._ahead + self._new_keys(), []
        return taken

    def put_back(self, keys: list[KeyPress]) -> None:
        """Let these be the first that wait."""
        self._ahead = keys + self._ahead

    @property
    def has_ahead(self) -> bool:
        """Whether keys wait for the next prompt."""
        self.put_back(self.take_ahead())
        return bool(self._ahead)

    def _new_keys(self) -> list[KeyPress]:
        """What was pressed since the last prompt ended, or since the last call."""
        terminal = self._terminal
        new = terminal.typed() if terminal is not None else self.input.read_keys()
        return get_typeahead(self.input) + new

    # ---- Ctrl-C and Ctrl-Z while we work ---------------------------------------------------------------------------

    def stoppable(self, action: Callable[[], T]) -> T:
        """Do something that Ctrl-C ends.

        Raises:
            KeyboardInterrupt: it was pressed. At no other time does one come.
        """
        with self._listening():
            try:
                self._stoppable = True
                return action()
            finally:
                self._stoppable = False

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """Take in what is typed while somebody works who does not: behind a full queue even Ctrl-C would not be heard."""
        if self._terminal is None:
            yield
            return
        over = threading.Event()

        def listen() -> None:
            while not over.wait(_LISTEN_SECONDS):
                if self._reading.acquire(blocking=False):
                    self._ahead += self._new_keys()
                    self._reading.release()

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        try:
            yield
        finally:
            over.set()
            listener.join()

    def _on_interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if self._stoppable:
            self._stoppable = False  # one is enough
            raise KeyboardInterrupt

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """While something is drawn that must be cleared first, Ctrl-Z only sets `suspend_asked`."""
        self._drawing = True
        try:
            yield
        finally:
            self._drawing = False
            if self.suspend_asked:
                self.suspend()

    def suspend(self) -> None:
        """Stop this process and its group, as the shell's job control wants it, until they are continued."""
        self.suspend_asked = False
        if sys.platform != "win32":
            with self.lent():
                os.kill(0, signal.SIGTSTP)

    def _on_suspend(self, _number: int, _frame: FrameType | None) -> None:
        if self._drawing:
            self.suspend_asked = True
        else:
            self.suspend()
            self.continued()

    def _on_continue(self, _number: int, _frame: FrameType | None) -> None:
        """We were stopped by a signal that nobody can handle."""
        self.continued()

    # ---- the terminal's modes --------------------------------------------------------------------------------------

    @contextmanager
    def lent(self) -> Iterator[None]:
        """The terminal as it was before the chat, for another program or a question."""
        if sys.platform == "win32":
            yield
            return
        with self._reading:
            now = self.modes()
            self._give()
            ours = {
                number: signal.signal(number, signal.SIG_DFL)
                for number in (signal.SIGTSTP, signal.SIGCONT)
            }
            try:
                yield
            finally:
                for number, handler in ours.items():
                    signal.signal(number, handler)
                self.take(now)

    def modes(self) -> list[Any]:
        """How the terminal treats what is typed."""
        if sys.platform == "win32":
            return []
        import termios  # noqa: PLC0415 - not on Windows

        return termios.tcgetattr(sys.stdin.fileno())

    def work_again(self) -> None:
        """The terminal as it is while we work, after somebody else has had it."""
        self.take(self._working)

    def take(self, modes: list[Any]) -> None:
        """The terminal with these modes; what was typed before under others waits too."""
        _set_modes(modes)
        self._write(_BRACKETS_ON)
        if self._terminal is not None:
            with self._reading:
                self._ahead += self._terminal.typed(cooked=True)

    def _give(self) -> None:
        if sys.platform != "win32":
            self._write(_BRACKETS_OFF)
            _set_modes(self._before)

    def _write(self, sequence: str) -> None:
        if not self.plain:
            with suppress(OutputFailed):  # the terminal is gone
                self._screen.draw(sequence)


def _terminal(*, marks_pastes: bool) -> "TerminalKeys | None":
    if sys.platform == "win32":
        return None
    from qwen3cli.chat.keys import TerminalKeys  # noqa: PLC0415 - not on Windows

    return TerminalKeys(sys.stdin, marks_pastes=marks_pastes)


def _set_modes(modes: list[Any]) -> None:
    """At once, and without a loss: what was typed already stays in the queue."""
    if sys.platform != "win32":
        import termios  # noqa: PLC0415 - not on Windows

        with suppress(termios.error):  # the terminal is gone
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, modes)


def _while_we_work(modes: list[Any]) -> list[Any]:
    """Keys one by one and unechoed, Enter and new line apart, Ctrl-S and Ctrl-Q as keys; Ctrl-C and Ctrl-Z as signals that
    leave the queue alone. Ctrl-\\ would leave the terminal like this, and is a key."""
    if sys.platform == "win32":
        return modes
    import termios  # noqa: PLC0415 - not on Windows

    input_flags, output_flags, control_flags, local_flags, *speeds, characters = modes
    input_flags &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
    local_flags &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
    local_flags |= termios.ISIG | termios.NOFLSH
    characters = list(characters)
    characters[termios.VMIN], characters[termios.VTIME] = 1, 0
    characters[termios.VQUIT] = _DISABLED
    return [input_flags, output_flags, control_flags, local_flags, *speeds, characters]
