"""One line of progress on standard error, drawn over itself and gone without a trace.

Only on a terminal, and only for work that has already taken a moment: what is quick should not flicker. The moment is kept
by a timer, so that the line comes even where the work says nothing in between. A terminal that cannot take a line away
gets one line for each piece of work.
"""

import time
from collections.abc import Callable
from threading import Lock, Timer
from types import TracebackType
from typing import Self

from qwen3cli.base.environment import Environment
from qwen3cli.base.plaintext import visible
from qwen3cli.base.units import rate_text, seconds_text
from qwen3cli.dialogue.events import PrefillProgress
from qwen3cli.turn.interrupts import Interrupts

READING = "reading the prompt"  # before anything is known of its length

_SHOW_AFTER_SECONDS = 0.4
_REDRAW_AFTER_SECONDS = 0.1
_RATE_AFTER_SECONDS = 1.0
_ERASE_LINE = "\r\x1b[2K"  # carriage return; CSI 2 K erases the whole line


class StatusLine:
    """Say what is going on; `clear` before anything else is printed. Leaving `with` clears too."""

    def __init__(self, environment: Environment, *, quiet: bool = False) -> None:
        self._err = environment.stderr
        self._columns = environment.terminal_columns
        self._is_on = environment.stderr_is_terminal and not quiet
        self._can_erase = environment.terminal_draws
        self._text = ""
        self._drawn_at = 0.0
        self._due: Timer | None = None
        self._lock = Lock()

    def show(self, text: str) -> None:
        """Draw the line, as soon as it is time to."""
        if not self._is_on:
            return
        with self._lock:
            self._text = text
            if self._due is None:
                self._due = Timer(_SHOW_AFTER_SECONDS, self._draw_first)
                self._due.daemon = True
                self._due.start()
            elif self._drawn_at and time.monotonic() - self._drawn_at >= _REDRAW_AFTER_SECONDS:
                self._draw()

    def clear(self) -> None:
        """Take the line away; the next one waits for its moment again."""
        with self._lock:
            if self._due is not None:
                self._due.cancel()
            if self._drawn_at and self._can_erase:
                self._err.draw(_ERASE_LINE)
            self._due, self._drawn_at = None, 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.clear()

    def _draw_first(self) -> None:
        with self._lock:
            if self._due is not None and not self._drawn_at:
                self._draw()

    def _draw(self) -> None:
        text = visible(self._text)
        if self._can_erase:
            self._err.draw(_ERASE_LINE + text[: self._columns() - 1])
        elif not self._drawn_at:
            self._err.draw(f"{text}\n")
        self._drawn_at = time.monotonic()


def load_progress(
    status: StatusLine, title: str, interrupts: Interrupts
) -> Callable[[float], bool]:
    """A progress callback for loading a model: shows the share, and says no after Ctrl-C."""

    def progress(share: float) -> bool:
        status.show(f"loading {title}: {share:.0%}")
        return not interrupts.should_stop()

    return progress


class PrefillText:
    """How far a prompt has been read, how fast that goes and how long it still takes, once that can be known."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began: tuple[float, int] | None = None

    def __call__(self, progress: PrefillProgress) -> str:
        """The line for this moment."""
        done, total, now = progress.done_tokens, progress.total_tokens, self._clock()
        since, first = self._began = self._began or (now, done)
        text = f"{READING}: {done:,} of {total:,} tokens"
        if now - since < _RATE_AFTER_SECONDS or done == first:
            return text
        rate = (done - first) / (now - since)
        return f"{text}, {rate_text(rate)}, {seconds_text((total - done) / rate)} left"
