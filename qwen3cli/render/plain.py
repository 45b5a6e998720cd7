"""The answer as bytes, for pipes and files; thoughts and notices beside it on standard error.

In a pipe standard output is exact: what the model wrote, byte by byte in UTF-8, and one new line at its end. Where a
stream is a terminal, its control characters are made visible; thoughts on one are dimmed, between two lines that say
what they are.
"""

from typing import assert_never

from qwen3cli.base.environment import Environment
from qwen3cli.base.streams import Output
from qwen3cli.dialogue.events import (
    AnswerDelta,
    BadToolCall,
    CallDone,
    CallNotice,
    CallProgress,
    CallStarted,
    Event,
    PrefillProgress,
    ThinkDelta,
    ThinkingClosed,
    TurnDone,
)
from qwen3cli.dialogue.messages import ToolCall
from qwen3cli.render.calls import done_text, started_text
from qwen3cli.render.ornaments import ornaments
from qwen3cli.render.thoughts import THINKING, thought_summary

_DIM, _RESET = "\x1b[2m", "\x1b[0m"


class PlainRenderer:
    """Streams one turn. `show_thoughts` sends the thoughts to standard error as they come."""

    def __init__(
        self,
        environment: Environment,
        out: Output,
        *,
        show_thoughts: bool,
        show_calls: bool = True,
    ) -> None:
        """`out` gets the answer; what goes beside it is for the environment's standard error."""
        self._out = out
        self._err = environment.stderr
        self._dim, self._reset = (_DIM, _RESET) if environment.stderr_has_color() else ("", "")
        self._mark = ornaments(environment.variables).folded
        self._show_thoughts = show_thoughts
        self._show_calls = show_calls
        self._answered = False
        self._thinking = False

    def handle(self, event: Event) -> None:
        """Show one event."""
        match event:
            case AnswerDelta(text):
                self._answered = True
                self._out.put(text)
            case ThinkDelta(text):
                if self._show_thoughts:
                    self._think(text)
            case ThinkingClosed():
                self._end_thoughts(thought_summary(event))
            case CallStarted():
                self._notice(started_text(event))
            case CallDone():
                self._notice(done_text(event))
            case CallNotice(text):
                self._notice(text)
            case ToolCall() | BadToolCall() | CallProgress() | PrefillProgress() | TurnDone():
                pass
            case _:
                assert_never(event)

    def close(self) -> None:
        """End the answer with its new line, and the thoughts with their colour."""
        self._end_thoughts()
        if self._answered:
            self._answered = False
            self._out.put("\n")

    def _think(self, text: str) -> None:
        if not self._thinking:
            self._thinking = True
            self._say(THINKING)
            self._err.draw(self._dim)
        self._err.put(text)

    def _notice(self, text: str) -> None:
        if self._show_calls:
            self._err.put(f"{text}\n")

    def _end_thoughts(self, summary: str = "") -> None:
        """They ended, or the turn was broken off in the midst of them."""
        if self._thinking:
            self._thinking = False
            self._err.draw(self._reset)
            self._err.put("\n")
        if summary and self._show_thoughts:
            self._say(f"{summary}\n")

    def _say(self, text: str) -> None:
        if self._err.is_terminal:
            self._err.draw(f"{self._dim}{self._mark} {text}{self._reset}\n")
