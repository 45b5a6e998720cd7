"""A turn on a terminal: thoughts dimmed, the answer as Markdown, drawn as it comes.

Finished units go to the scrollback once; only the open one is live. Redraws are limited in number, and a unit that is
slow to draw is drawn less often, so that a long line costs the model nothing.
"""

import time
from collections.abc import Callable
from typing import assert_never

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from qwen3cli.base.environment import Environment
from qwen3cli.base.plaintext import visible
from qwen3cli.base.streams import Output
from qwen3cli.base.units import count_text, seconds_text
from qwen3cli.dialogue.events import (
    AnswerDelta,
    BadToolCall,
    Event,
    PrefillProgress,
    ThinkDelta,
    ThinkingClosed,
    ThinkingEnd,
    TurnDone,
)
from qwen3cli.dialogue.messages import ToolCall
from qwen3cli.render import theme
from qwen3cli.render.markdown import MarkdownStream
from qwen3cli.render.painter import Painter, Row
from qwen3cli.render.region import MOST_LIVE_ROWS, Region
from qwen3cli.render.renderer import Thoughts

_REDRAWS_PER_SECOND = 12
# At most a fifth of the time is spent on drawing.
_DRAW_SHARE = 5
# The folded view shows the end of the thoughts; this much text is always more than fits into it.
_TAIL_CHARACTERS = 4000

_ENDS = {
    ThinkingEnd.MODEL: "",
    ThinkingEnd.BUDGET: ", budget used up",
    ThinkingEnd.TIME: ", time used up",
    ThinkingEnd.SKIPPED: ", skipped",
    ThinkingEnd.LOOP: ", stopped: it went in circles",
    ThinkingEnd.ROOM: ", stopped to leave room for the answer",
    ThinkingEnd.CUT: ", cut short",
}


class LiveRenderer:
    """Draws one turn. `hint` tells how to skip the thinking, while there is any."""

    def __init__(
        self,
        environment: Environment,
        thoughts: Thoughts,
        hint: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ornaments = theme.ornaments(environment.variables)
        self._thoughts = thoughts
        self._hint = hint
        self._clock = clock
        columns = environment.terminal_columns
        self._out = _Canvas(
            environment.stdout, columns, clock, color=environment.stdout_has_color()
        )
        self._err = _Canvas(
            environment.stderr, columns, clock, color=environment.stderr_has_color()
        )
        self._markdown = MarkdownStream(self._ornaments)
        self._thinking_since: float | None = None
        self._line = ""  # of the thoughts, not ended yet
        self._tail = ""

    def handle(self, event: Event) -> None:
        """Draw one event."""
        match event:
            case ThinkDelta(text):
                self._think(visible(text))
            case ThinkingClosed(end, tokens, seconds):
                self._end_thoughts(end, tokens, seconds)
            case AnswerDelta(text):
                self._out.show(self._markdown.feed(visible(text)), self._open_answer)
            case ToolCall(name):
                self._notice(f"tool call: {visible(name)}")
            case BadToolCall(_, reason):
                self._notice(f"unreadable tool call: {visible(reason)}")
            case PrefillProgress() | TurnDone():
                pass
            case _:
                assert_never(event)

    def pause(self) -> None:
        """Take away what is drawn over and over; the next event draws it again."""
        self._err.clear()
        self._out.clear()

    def close(self) -> None:
        """Finish what is open."""
        self._err.clear()
        self._out.show(self._markdown.finish(), _nothing, now=True)

    def _open_answer(self) -> list[Row]:
        unit = self._markdown.open()
        return [] if unit is None else self._out.rows(unit)

    def _think(self, text: str) -> None:
        self._thinking_since = self._thinking_since or self._clock()
        if self._thoughts is Thoughts.SHOW:
            *lines, self._line = (self._line + text).split("\n")
            self._err.show([_dim(line) for line in lines], lambda: self._err.rows(_dim(self._line)))
        else:
            self._tail = (self._tail + text)[-_TAIL_CHARACTERS:]
            self._err.show([], self._folded)

    def _folded(self) -> list[Row]:
        """The thoughts while they run, if they are not to stay: a heading and their last rows."""
        seconds = self._clock() - (self._thinking_since or self._clock())
        heading = f"{self._ornaments.folded} thinking {seconds_text(seconds)}{self._hint}"
        rows = self._err.rows(_dim(heading))
        if self._thoughts is Thoughts.FOLD:
            tail = Padding(_dim(self._tail.strip("\n")), (0, 0, 0, 2), expand=False)
            rows += self._err.rows(tail)[len(rows) - MOST_LIVE_ROWS :]
        return rows

    def _end_thoughts(self, end: ThinkingEnd, tokens: int, seconds: float) -> None:
        rest = [_dim(self._line)] if self._line and self._thoughts is Thoughts.SHOW else []
        self._line = self._tail = ""
        self._thinking_since = None
        summary = f"{self._ornaments.folded} thought for {seconds_text(seconds)}, {count_text(tokens)} tokens{_ENDS[end]}"
        self._err.show([*rest, _dim(summary), Text("")], _nothing, now=True)

    def _notice(self, text: str) -> None:
        self._out.show(self._markdown.finish(), _nothing, now=True)
        self._err.show([_dim(f"{self._ornaments.folded} {text}")], _nothing, now=True)


class _Canvas:
    """One stream of the terminal: units in, rows out, not too often."""

    def __init__(
        self,
        stream: Output,
        columns: Callable[[], int],
        clock: Callable[[], float],
        *,
        color: bool,
    ) -> None:
        self._painter = Painter(color=color)
        self._region = Region(stream, columns)
        self._columns = columns
        self._clock = clock
        self._next_draw = 0.0

    def rows(self, unit: RenderableType) -> list[Row]:
        """The unit at the terminal's present width."""
        return self._painter.rows(unit, self._columns())

    def show(
        self, finished: list[RenderableType], live: Callable[[], list[Row]], *, now: bool = False
    ) -> None:
        """Write what is finished, and draw what is live if it is time to."""
        started = self._clock()
        if not finished and not now and started < self._next_draw:
            return
        self._region.update([row for unit in finished for row in self.rows(unit)], live())
        ended = self._clock()
        self._next_draw = ended + max(1 / _REDRAWS_PER_SECOND, _DRAW_SHARE * (ended - started))

    def clear(self) -> None:
        """Take the live rows away."""
        self._region.clear()


def _nothing() -> list[Row]:
    return []


def _dim(text: str) -> Text:
    return Text(text, theme.DIM, overflow="fold")
