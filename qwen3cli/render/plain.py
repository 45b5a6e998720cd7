"""The answer as bytes, for pipes and files; thoughts and notices beside it on standard error.

No colour, no animation and no control codes on standard output, ever: what the model wrote, in UTF-8, ending in one
new line. On a terminal's standard error thoughts are dimmed and made harmless.
"""

from typing import assert_never

from qwen3cli.base.environment import Environment
from qwen3cli.base.plaintext import visible
from qwen3cli.dialogue.events import (
    AnswerDelta,
    BadToolCall,
    Event,
    PrefillProgress,
    ThinkDelta,
    ThinkingClosed,
    TurnDone,
)
from qwen3cli.dialogue.messages import ToolCall

_DIM, _RESET = b"\x1b[2m", b"\x1b[0m"


class PlainRenderer:
    """Streams one turn. `show_thoughts` sends the thoughts to standard error as they come."""

    def __init__(self, environment: Environment, *, show_thoughts: bool) -> None:
        self._put = environment.put
        self._err = environment.stderr
        self._dim = environment.stderr_has_color()
        self._for_terminal = environment.stderr_is_terminal
        self._answer_for_terminal = environment.stdout_is_terminal
        self._show_thoughts = show_thoughts
        self._answered = False
        self._thinking = False

    def handle(self, event: Event) -> None:
        """Show one event."""
        match event:
            case AnswerDelta(text):
                self._answered = True
                self._answer(visible(text) if self._answer_for_terminal else text)
            case ThinkDelta(text):
                if self._show_thoughts:
                    self._think(text)
            case ThinkingClosed():
                self._end_thoughts()
            case ToolCall(name):
                self._note(f"tool call: {visible(name)}\n")
            case BadToolCall(_, reason):
                self._note(f"unreadable tool call: {visible(reason)}\n")
            case PrefillProgress() | TurnDone():
                pass
            case _:
                assert_never(event)

    def close(self) -> None:
        """End the answer with its new line, and the thoughts with their colour."""
        self._end_thoughts()
        if self._answered:
            self._answered = False
            self._answer("\n")

    def _think(self, text: str) -> None:
        if self._dim and not self._thinking:
            self._err.write(_DIM)
        self._thinking = True
        self._note(visible(text) if self._for_terminal else text)

    def _end_thoughts(self) -> None:
        if self._thinking:
            self._thinking = False
            self._err.write(_RESET if self._dim else b"")
            self._note("\n\n" if self._for_terminal else "\n")

    def _answer(self, text: str) -> None:
        self._put(text.encode("utf-8", "replace"))

    def _note(self, text: str) -> None:
        self._err.write(text.encode("utf-8", "replace"))
        self._err.flush()
