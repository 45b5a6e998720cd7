"""What Ctrl-C means, in one place for `ask` and `chat`.

    while the model thinks     it closes the thoughts and asks for the answer
    while it answers           it stops the answer and keeps what came
    when there is no more      two of them within a second leave with exit code 130
    to stop

A wish to end the process (SIGTERM, a closed terminal) stops the answer and leaves. The signal handler only counts; the
turn polls the answers through `Control`. llama.cpp computes in C, where a signal waits until the current token or graph
node is done, so nothing is ever killed half way; what takes too long there is ended by `base/signals.LastResort`.
"""

import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, Self

from qwen3cli.base.errors import ExitCode, Interrupted
from qwen3cli.base.signals import exit_code_of, heard
from qwen3cli.dialogue.events import AnswerDelta, Event, ThinkDelta, ThinkingClosed, TurnDone

# Two presses closer than this mean "leave"; the same second other terminal programs use.
LEAVE_WITHIN_SECONDS = 1.0


class Interrupts:
    """A `Control` fed by Ctrl-C. Use it in `with`, around one turn, and let it `follow` the events."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._stop = False
        self._skip = False
        self.last_press = -LEAVE_WITHIN_SECONDS  # by the clock; the last one that stopped nothing
        self._previous: dict[int, Any] = {}
        self._budget: int | None = None
        self.thinking = False
        self.leaving = False  # leave as soon as the turn has ended
        self.ended_by = 0  # the signal that asked the process to end, and not Ctrl-C

    def __enter__(self) -> Self:
        for number in heard():
            self._previous[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, _type: object, problem: BaseException | None, _trace: object) -> None:
        for number, previous in self._previous.items():
            signal.signal(number, previous)
        if isinstance(problem, Interrupted):
            problem.exit_code = self.exit_code

    @property
    def exit_code(self) -> ExitCode:
        """Of a process that leaves for what came."""
        return ExitCode(exit_code_of(self.ended_by)) if self.ended_by else ExitCode.INTERRUPTED

    def should_stop(self) -> bool:
        """Whether the answer is to end now."""
        return self._stop

    def should_skip_thinking(self) -> bool:
        """Whether the thoughts are to end now."""
        return self._skip

    def skip(self) -> None:
        """Ask for the answer now (a key press)."""
        self._skip = True

    def thinking_budget(self) -> int | None:
        """The budget that was wished for since the turn began."""
        return self._budget

    def set_thinking_budget(self, tokens: int) -> None:
        """Wish for another budget; 0 asks for the answer now."""
        self._budget = tokens
        self._skip |= tokens == 0

    def follow(self, event: Event) -> None:
        """Learn from a turn's event whether the model is thinking."""
        if isinstance(event, ThinkDelta):
            self.thinking = True
        elif isinstance(event, ThinkingClosed | AnswerDelta | TurnDone):
            self.thinking = False

    def press(self) -> None:
        """One Ctrl-C. It only sets flags: it may come while C code calls back, where raising is lost."""
        if self.thinking and not self._skip:
            self._skip = True
        elif not self._stop:
            self._stop = True
        else:
            now = self._clock()
            self.leaving |= now - self.last_press < LEAVE_WITHIN_SECONDS
            self.last_press = now

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGINT:
            self.press()
        else:
            self.leaving = self._stop = True
            self.ended_by = number
