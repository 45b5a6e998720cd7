"""Rich renderables as finished rows of text and escape codes.

Rich draws, but never writes: rows go to the terminal through `region`, which knows what is on the screen.
"""

import io
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.segment import Segment, Segments


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its text with escape codes, and how many cells wide it is."""

    ansi: str
    cells: int


class Painter:
    """Draws with colours or without, to any width."""

    def __init__(self, *, color: bool) -> None:
        self._console = Console(
            file=io.StringIO(),
            force_terminal=True,
            color_system="standard" if color else None,
            no_color=not color,
            markup=False,
            highlight=False,
            emoji=False,
            legacy_windows=False,
        )

    def rows(self, renderable: RenderableType, width: int) -> list[Row]:
        """The renderable as rows no wider than `width`."""
        options = self._console.options.update(width=width, height=None)
        lines = self._console.render_lines(renderable, options, pad=False)
        return [Row(self._ansi(line), Segment.get_line_length(line)) for line in lines]

    def _ansi(self, line: list[Segment]) -> str:
        with self._console.capture() as captured:
            self._console.print(Segments(line), end="", soft_wrap=True)
        return captured.get()
