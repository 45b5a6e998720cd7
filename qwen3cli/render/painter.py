"""Rich text as rows for a terminal, with escape codes and nothing in them that could act as one.

Rich draws, but never writes: rows go to the terminal through `region`, which knows what is on the screen. Whatever the
text says is made visible here, where the escape codes are put around it.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass

from rich.color import ColorSystem
from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.text import Text

from qwen3cli.base.plaintext import VisibleText


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its text with escape codes, and how many cells wide it is."""

    ansi: str
    cells: int


class Painter:
    """Draws with colours or without, to any width."""

    def __init__(self, *, color: bool) -> None:
        self._colors = ColorSystem.STANDARD if color else None
        self._console = Console(
            file=io.StringIO(), markup=False, highlight=False, emoji=False, legacy_windows=False
        )

    def row(self, text: Text) -> Row:
        """One row, however wide it is."""
        return self._row(text.render(self._console))

    def rows(self, renderable: RenderableType, width: int) -> list[Row]:
        """The renderable as rows no wider than `width`."""
        options = self._console.options.update(width=width, height=None)
        lines = self._console.render_lines(renderable, options, pad=False)
        return [self._row(line) for line in lines]

    def _row(self, segments: Iterable[Segment]) -> Row:
        visible = VisibleText()
        ansi, cells = "", 0
        for text, style, control in segments:
            if not control:
                shown = visible.feed(text)
                cells += Segment(text).cell_length
                ansi += style.render(shown, color_system=self._colors) if style else shown
        return Row(ansi + visible.end(), cells)
