"""The last few rows of a terminal, drawn over and over, below a scrollback that is written once.

Escape sequences used, and what they do:

    \\r               the cursor to the first column
    CSI A            the cursor up one row
    CSI 2 K          erase the row of the cursor (row by row, since some terminals take "erase the rest of the
                     screen" from its first row as a wish to keep it all in the scrollback)
    CSI ?7 l / h     stop / resume wrapping at the right edge

Live rows are drawn with wrapping off: where a terminal's idea of a character's width differs from ours, the row is
clipped for a moment instead of taking a second row that would not be erased. Finished rows are written with wrapping
on, so nothing of them is lost. After a resize, terminals re-flow what is on the screen; the rows to erase are counted
anew from their widths. The region is kept small, so that a window made lower cannot push it into the scrollback.
"""

from collections.abc import Callable, Sequence

from qwen3cli.base.streams import Output
from qwen3cli.render.painter import Row

MOST_LIVE_ROWS = 8
_NO_WRAP, _WRAP = "\x1b[?7l", "\x1b[?7h"
_ERASE_ROW, _UP = "\x1b[2K", "\x1b[A"


class Region:
    """Finished rows go up into the scrollback, live rows stay at the bottom."""

    def __init__(self, stream: Output, columns: Callable[[], int]) -> None:
        """`columns` is asked for the terminal's width each time."""
        self._stream = stream
        self._columns = columns
        self._live: list[Row] = []
        self._drawn_columns = 0

    def update(self, finished: Sequence[Row], live: Sequence[Row]) -> None:
        """Write finished rows for good, and draw the last of the live rows below them. One write, so no flicker."""
        live = live[-MOST_LIVE_ROWS:]
        text = self._erasure()
        text += "".join(row.ansi + "\n" for row in finished)
        if live:
            text += _NO_WRAP + "\n".join(row.ansi for row in live) + _WRAP
        self._live = list(live)
        self._drawn_columns = self._columns()
        if text:
            self._stream.draw(text)

    def clear(self) -> None:
        """Take the live rows away."""
        self.update([], [])

    def _erasure(self) -> str:
        if not self._live:
            return ""
        columns = self._columns()
        if columns == self._drawn_columns:
            rows = len(self._live)
        else:
            rows = sum(max(1, -(-row.cells // columns)) for row in self._live)
        return "\r" + _ERASE_ROW + (_UP + _ERASE_ROW) * (rows - 1)
