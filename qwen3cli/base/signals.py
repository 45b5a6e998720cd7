"""The signals that ask the process to end: Ctrl-C, SIGTERM, a terminal that was closed.

The first one unwinds whatever runs, through every `with` and `finally`, unless a turn takes it for itself
(`turn/interrupts.py`). One that was ignored at the start stays ignored: `nohup`, or a job in the background of a script.
Python hears a signal only between two of its own steps, and native code may take minutes over one; so a second signal is
heard by a thread, which ends the process within a second if nothing else does. Knows nothing of what it ends.
"""

import os
import signal
import sys
import threading
import time
from _thread import start_new_thread
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from qwen3cli.base.environment import Environment

# A closed terminal does not exist everywhere.
ENDINGS = (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))
# What shells add to the number of the signal that ended a process.
_EXIT_CODE_OF_SIGNAL = 128
# How long a second signal waits for the process to end by itself; ours to choose, below the second that is promised.
_GRACE_SECONDS = 0.7
# How long until a signal is sent again, so that what could not raise is over by then.
_AGAIN_SECONDS = 0.01
# How long a terminal that takes no more output can hold up the end.
_RESTORE_SECONDS = 0.1
# Wrapping on, the cursor shown, no paste mode, no colour: what our own views may have changed.
_AS_IT_WAS = "\x1b[?7h\x1b[?25h\x1b[?2004l\x1b[0m\n"


# Signals that are an ordinary key for now. Of the process, as its signal handlers are.
_ordinary: set[int] = set()


@contextmanager
def ordinary(number: int) -> Iterator[None]:
    """For as long as a chat lasts, where Ctrl-C stops one answer after the other, no number of them ends the process."""
    _ordinary.add(number)
    try:
        yield
    finally:
        _ordinary.discard(number)


def exit_code_of(number: int) -> int:
    """What a process that a signal ended says to its caller."""
    return _EXIT_CODE_OF_SIGNAL + number


def heard() -> list[int]:
    """The endings that were not ignored when the process started."""
    return [number for number in ENDINGS if signal.getsignal(number) is not signal.SIG_IGN]


def unwind_on_signals() -> None:
    """Let the first signal raise: `KeyboardInterrupt` as ever, `SystemExit` for the others."""
    for number in heard():
        signal.signal(number, _unwind)


def _unwind(number: int, _frame: FrameType | None) -> None:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(exit_code_of(number))


@contextmanager
def unwinding() -> Iterator[None]:
    """For as long as one step lasts that looks at nothing else, a regular expression for instance, let a signal raise
    whatever else it would do. Signals are the main thread's: in another one nothing changes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _unwind) for number in heard()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def send_again(lost: BaseException | None) -> None:
    """A signal whose exception was raised where none can be (in `__del__`, in a callback) is heard a moment later."""
    if number := signal_behind(lost):
        start_new_thread(_send_soon, (number,))


def signal_behind(raised: BaseException | None) -> int:
    """The signal whose exception this is, or what it was turned into on its way, as Python does while it makes a class.
    0: none."""
    while raised is not None:
        match raised:
            case KeyboardInterrupt():
                return signal.SIGINT
            case SystemExit(code=int(code)) if code - _EXIT_CODE_OF_SIGNAL in ENDINGS:
                return code - _EXIT_CODE_OF_SIGNAL
        raised = raised.__cause__
    return 0


def _send_soon(number: int) -> None:
    time.sleep(_AGAIN_SECONDS)
    os.kill(os.getpid(), number)


class LastResort:
    """Ends the process when so many signals have come and it is still there a moment later, until it is closed."""

    def __init__(self, environment: Environment, signals: int = 2) -> None:
        self._environment = environment
        self._signals = signals
        self._closed = False
        if os.name == "nt":
            return  # there a signal ends the process at once
        self._settings = _terminal_settings(environment)
        reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)
        self._before = signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        start_new_thread(self._listen, (reading,))

    def close(self) -> None:
        """Leave the process alone from now on."""
        self._closed = True
        if os.name != "nt":
            signal.set_wakeup_fd(self._before)
            os.close(self._writing)

    def _listen(self, reading: int) -> None:
        """Python writes the number of each signal into the pipe at once, whatever the main thread is in."""
        count = 0
        while numbers := os.read(reading, 1):
            number = numbers[0]
            if number not in ENDINGS or number in _ordinary:
                continue
            count += 1
            if count == self._signals:
                time.sleep(_GRACE_SECONDS)
                self._end(number)
        os.close(reading)

    def _end(self, number: int) -> None:
        if self._closed:
            return
        start_new_thread(self._restore_terminal, ())
        time.sleep(_RESTORE_SECONDS)
        os._exit(exit_code_of(number))

    def _restore_terminal(self) -> None:
        """May wait for ever, if the terminal takes no more output."""
        if sys.platform != "win32" and self._settings is not None:
            import termios  # noqa: PLC0415 - not on Windows

            # A process in the background would be stopped for changing the terminal's settings.
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])
            termios.tcsetattr(self._environment.stdin.fileno(), termios.TCSANOW, self._settings)
        if self._environment.stderr_has_color():
            self._environment.stderr.draw(_AS_IT_WAS)


def _terminal_settings(environment: Environment) -> list[Any] | None:
    if sys.platform == "win32" or not environment.stdin_is_terminal:
        return None
    import termios  # noqa: PLC0415 - not on Windows

    return termios.tcgetattr(environment.stdin.fileno())
