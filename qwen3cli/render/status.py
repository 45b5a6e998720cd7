"""One line of progress on standard error, drawn over itself and gone without a trace.

Only on a terminal, and only for work that has already taken a moment: what is quick should not flicker.
"""

import time
from collections.abc import Callable

from qwen3cli.base.environment import Environment
from qwen3cli.base.plaintext import visible
from qwen3cli.dialogue.events import PrefillProgress
from qwen3cli.turn.interrupts import Interrupts

_SHOW_AFTER_SECONDS = 0.4
_REDRAW_AFTER_SECONDS = 0.1
_ERASE_LINE = "\r\x1b[2K"  # carriage return; CSI 2 K erases the whole line


class StatusLine:
    """Say what is going on; `clear` before anything else is printed."""

    def __init__(self, environment: Environment, *, quiet: bool = False) -> None:
        self._err = environment.stderr
        self._on = environment.stderr_is_terminal and not quiet
        self._since = time.monotonic()
        self._drawn = 0.0

    def show(self, text: str) -> None:
        """Draw the line, unless it is too early or was drawn just now."""
        now = time.monotonic()
        if not self._on or now - self._since < _SHOW_AFTER_SECONDS:
            return
        if now - self._drawn >= _REDRAW_AFTER_SECONDS:
            self._drawn = now
            self._err.draw(_ERASE_LINE + visible(text))

    def clear(self) -> None:
        """Take the line away; the next one waits for its moment again."""
        if self._drawn:
            self._err.draw(_ERASE_LINE)
        self._drawn = 0.0
        self._since = time.monotonic()


def load_progress(
    status: StatusLine, title: str, interrupts: Interrupts
) -> Callable[[float], bool]:
    """A progress callback for loading a model: shows the share, and says no after Ctrl-C."""

    def progress(share: float) -> bool:
        status.show(f"loading {title}: {share:.0%}")
        return not interrupts.should_stop()

    return progress


def prefill_text(progress: PrefillProgress) -> str:
    """How far the prompt has been read."""
    return f"reading the prompt: {progress.done_tokens:,} of {progress.total_tokens:,} tokens"
