"""Several answers side by side, each in a column of its own, drawn as they come.

While one comes, the last rows of each column are live. At the end all of them go to the scrollback, whole, with the words
marked in which each differs from the first.
"""

import time
from collections.abc import Callable, Sequence
from itertools import zip_longest

from rich.text import Text

from qwen3cli.base.environment import Environment
from qwen3cli.base.plaintext import visible, visible_piece
from qwen3cli.dialogue.events import AnswerDelta, Event, ThinkDelta
from qwen3cli.render import theme
from qwen3cli.render.differences import marked
from qwen3cli.render.painter import Painter
from qwen3cli.render.region import MOST_LIVE_ROWS, Region
from qwen3cli.render.thoughts import THINKING
from qwen3cli.render.wrap import wrapped_text

LEAST_COLUMN_CELLS = 36
_GAP = "  "
_SECONDS_BETWEEN_DRAWINGS = 1 / 12
# The live rows show the end of a text; this much is always more than fits.
_TAIL_CHARACTERS = 2000


def fits_side_by_side(count: int, columns: int) -> bool:
    """Whether so many answers have room beside each other."""
    return count > 1 and _column_cells(count, columns) >= LEAST_COLUMN_CELLS


def _column_cells(count: int, columns: int) -> int:
    return (columns - len(_GAP) * (count - 1)) // count


class ColumnsView:
    """The answers of several ways. `begin` one, let it `handle` its events, `end` it with a line of figures; `close` at last."""

    def __init__(
        self,
        environment: Environment,
        labels: Sequence[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._columns = environment.terminal_columns
        self._painter = Painter(color=environment.stdout_has_color())
        self._region = Region(environment.stdout, self._columns)
        self._labels = [visible(label) for label in labels]
        self._texts = [""] * len(labels)
        self._figures = [""] * len(labels)
        self._at = -1
        self._clock = clock
        self._next_drawing = 0.0

    def begin(self, label: str) -> None:
        """The next way answers from now on."""
        self._at += 1
        self._draw(now=True)

    def handle(self, event: Event) -> None:
        """Show more of its answer, and how far it has thought."""
        if isinstance(event, AnswerDelta):
            self._texts[self._at] += visible_piece(event.text)
            self._figures[self._at] = ""
        elif isinstance(event, ThinkDelta):
            self._figures[self._at] = THINKING
        self._draw(now=False)

    def end(self, figures: str) -> None:
        """It is done."""
        self._figures[self._at] = figures
        self._draw(now=True)

    def close(self) -> None:
        """Write all of it for good."""
        first = self._texts[0].strip()
        texts = [
            Text(first) if not index else marked(each.strip(), first)
            for index, each in enumerate(self._texts)
        ]
        self._region.update([self._painter.row(row) for row in self._rows(texts)], [])

    def _draw(self, *, now: bool) -> None:
        if not now and self._clock() < self._next_drawing:
            return
        tails = [Text(each[-_TAIL_CHARACTERS:].strip("\n")) for each in self._texts]
        rows = self._rows(tails, most=MOST_LIVE_ROWS)
        self._region.update([], [self._painter.row(row) for row in rows])
        self._next_drawing = self._clock() + _SECONDS_BETWEEN_DRAWINGS

    def _rows(self, texts: Sequence[Text], most: int | None = None) -> list[Text]:
        """The labels, the texts and the figures; of the texts no more than the last rows that make `most` with them."""
        width = max(1, _column_cells(len(texts), self._columns()))
        heads = [wrapped_text(Text(each, theme.STRONG), width) for each in self._labels]
        feet = [wrapped_text(Text(each, theme.DIM), width) for each in self._figures]
        bodies = [wrapped_text(each, width) for each in texts]
        if most is not None:
            room = max(1, most - max(map(len, heads)) - max(map(len, feet)))
            bodies = [each[-room:] for each in bodies]
        rows = [Text()]
        for cells in (heads, bodies, feet):
            rows += [_joined(each, width) for each in zip_longest(*cells, fillvalue=Text())]
        return rows[1:] if most is not None else rows


def _joined(cells: Sequence[Text], width: int) -> Text:
    row = Text()
    for index, cell in enumerate(cells):
        padded = cell.copy()
        if index < len(cells) - 1:
            padded.append(" " * max(0, width - padded.cell_len) + _GAP)
        row.append_text(padded)
    return row
