"""A turn on a terminal: thoughts dimmed, the answer as Markdown, drawn as it comes.

Finished rows go to the scrollback once; only what may still change is live. Redraws are limited in number and by what
they cost, so that a text that is slow to draw is drawn less often and costs the model nothing.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import assert_never

from rich.text import Text

from qwen3cli.base.environment import Environment
from qwen3cli.base.plaintext import visible_piece
from qwen3cli.base.streams import Output
from qwen3cli.base.units import seconds_text
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
from qwen3cli.render import theme
from qwen3cli.render.calls import done_text, started_text
from qwen3cli.render.markdown.stream import MarkdownStream
from qwen3cli.render.ornaments import ornaments
from qwen3cli.render.painter import Painter
from qwen3cli.render.pictures import picture_text
from qwen3cli.render.region import MOST_LIVE_ROWS, Region
from qwen3cli.render.renderer import Thoughts
from qwen3cli.render.thoughts import THINKING, thought_summary
from qwen3cli.render.wrap import Rows, wrapped_text

_REDRAWS_PER_SECOND = 12
# For each second of drawing there are so many without.
_REST_SECONDS = 10
# The folded view shows the end of the thoughts; this much text is always more than fits into it.
_TAIL_CHARACTERS = 4000
_FOLDED_INDENT = "  "


class LiveRenderer:
    """Draws one turn. `hint` gives what stands behind the heading of the thoughts while there are any: what ends them, and how
    to end them now."""

    def __init__(
        self,
        environment: Environment,
        thoughts: Thoughts,
        hint: Callable[[], str] = str,
        clock: Callable[[], float] = time.monotonic,
        *,
        show_calls: bool = True,
    ) -> None:
        self._environment = environment
        self._show_calls = show_calls
        self._ornaments = ornaments(environment.variables)
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
        self._thought = ""  # what is not on the screen for good

    def handle(self, event: Event) -> None:
        """Draw one event."""
        match event:
            case ThinkDelta(text):
                self._think(visible_piece(text))
            case ThinkingClosed():
                self._end_thoughts(event)
            case AnswerDelta(text):
                self._markdown.feed(visible_piece(text))
                self._out.show(self._markdown.rows)
            case CallStarted():
                self._notice(started_text(event))
            case CallDone():
                self._notice(done_text(event))
                self._draw(event.pictures)
            case CallNotice(text):
                self._notice(text)
            case ToolCall() | BadToolCall() | CallProgress() | PrefillProgress() | TurnDone():
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
        self._end_answer()

    def _end_answer(self) -> None:
        self._out.show(lambda width: Rows(self._markdown.finish(width), []), now=True)

    def _think(self, text: str) -> None:
        if self._thinking_since is None:
            self._thinking_since = self._clock()
            if self._thoughts is Thoughts.SHOW:
                self._say(f"{self._ornaments.folded} {THINKING}")
        self._thought += text
        self._err.show(self._shown if self._thoughts is Thoughts.SHOW else self._folded)

    def _shown(self, width: int) -> Rows:
        """Thoughts that stay: all rows but the one that is still being written."""
        *finished, last = wrapped_text(_dim(self._thought), width)
        self._thought = last.plain
        return Rows(finished, [last])

    def _folded(self, width: int) -> Rows:
        """The thoughts while they run, if they are not to stay: a heading and their last rows."""
        self._thought = self._thought[-_TAIL_CHARACTERS:]
        seconds = self._clock() - (self._thinking_since or self._clock())
        heading = f"{self._ornaments.folded} {THINKING} {seconds_text(seconds)}{self._hint()}"
        rows = wrapped_text(_dim(heading), width)
        if self._thoughts is Thoughts.FOLD:
            room = max(1, width - len(_FOLDED_INDENT))
            tail = wrapped_text(_dim(self._thought.strip("\n")), room)
            rows += [Text(_FOLDED_INDENT) + row for row in tail[len(rows) - MOST_LIVE_ROWS :]]
        return Rows([], rows)

    def _end_thoughts(self, closed: ThinkingClosed) -> None:
        rest = self._thought if self._thoughts is Thoughts.SHOW else ""
        self._thought, self._thinking_since = "", None
        summary = f"{self._ornaments.folded} {thought_summary(closed)}\n"
        self._say(f"{rest}\n{summary}" if rest else summary)

    def _notice(self, text: str) -> None:
        if not self._show_calls:
            return
        self._end_answer()
        self._say(f"{self._ornaments.folded} {text}")

    def _draw(self, pictures: Sequence[Path]) -> None:
        """Pictures stand where they came, between what was said before and after them."""
        environment = self._environment
        for path in pictures if self._show_calls and environment.stdout_has_color() else ():
            self.pause()
            columns = environment.terminal_columns()
            environment.stdout.draw(picture_text(path, environment.variables, columns))

    def _say(self, text: str) -> None:
        self._err.show(lambda width: Rows(wrapped_text(_dim(text), width), []), now=True)


class _Canvas:
    """One stream of the terminal, drawn on not too often."""

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

    def show(self, draw: Callable[[int], Rows], *, now: bool = False) -> None:
        """Draw at the terminal's present width, if it is time to."""
        started = self._clock()
        if not now and started < self._next_draw:
            return
        rows = draw(self._columns())
        finished = [self._painter.row(text) for text in rows.finished]
        self._region.update(finished, [self._painter.row(text) for text in rows.live])
        ended = self._clock()
        self._next_draw = ended + max(1 / _REDRAWS_PER_SECOND, _REST_SECONDS * (ended - started))

    def clear(self) -> None:
        """Take the live rows away."""
        self._region.clear()


def _dim(text: str) -> Text:
    return Text(text, theme.DIM)
