"""Tables of Markdown: columns if all of them have room, records of one cell a row if not. No cell is ever left out."""

import re
from collections.abc import Callable, Sequence
from itertools import zip_longest

from rich.cells import cell_len
from rich.text import Text

from qwen3cli.render import theme
from qwen3cli.render.ornaments import Ornaments
from qwen3cli.render.wrap import wrapped_text

# A column narrower than its longest word, or than this if the word is longer, is hard to read.
_LEAST_COLUMN_CELLS = 12
_GAP_CELLS = 3  # a line with a blank on each side

_CELL_END = re.compile(r"(?<!\\)\|")

Draw = Callable[[str], Text]


def table_rows(source: str, draw: Draw, width: int, ornaments: Ornaments) -> list[Text]:
    """The rows of a table; `draw` makes text of what stands in a cell."""
    head, dashes, *body = (_cells(line) for line in source.split("\n"))
    justify = [_justified(each) for each in dashes]
    headings = [draw(cell) for cell in head]
    for heading in headings:
        heading.stylize_before(theme.STRONG)
    records = [[draw(cell) for cell in row] for row in body]
    table = _Table(headings, records, justify, ornaments)
    return table.as_columns(width) or table.as_records(width)


def _cells(line: str) -> list[str]:
    cells = _CELL_END.split(line.strip())
    if not cells[0]:
        del cells[0]
    if cells and not cells[-1]:
        del cells[-1]
    return [cell.strip().replace("\\|", "|") for cell in cells]


def _justified(dashes: str) -> Callable[[Text, int], None]:
    """How a cell is brought to the width of its column, by the colons in the rule below the head."""
    if not dashes.endswith(":"):
        return lambda text, cells: text.pad_right(cells)
    if dashes.startswith(":"):
        return _centre
    return lambda text, cells: text.pad_left(cells)


def _centre(text: Text, cells: int) -> None:
    text.pad_left(cells // 2)
    text.pad_right(cells - cells // 2)


class _Table:
    def __init__(
        self,
        headings: list[Text],
        records: list[list[Text]],
        justify: list[Callable[[Text, int], None]],
        ornaments: Ornaments,
    ) -> None:
        self._headings = headings
        self._records = records
        self._justify = justify
        self._ornaments = ornaments

    def as_columns(self, width: int) -> list[Text]:
        """Side by side; nothing if that is too narrow to read."""
        count = max(len(row) for row in (self._headings, *self._records))
        room = width - _GAP_CELLS * (count - 1)
        if room < count:
            return []
        columns = list(zip_longest(self._headings, *self._records, fillvalue=Text()))
        natural = [max(1, *(cell.cell_len for cell in column)) for column in columns]
        least = [_least(column) for column in columns]
        if sum(least) > room:
            return []
        widths = _shared(natural, least, room)
        head, *body = [self._row(row, widths) for row in zip_longest(*columns, fillvalue=Text())]
        between = [self._rule(widths)]
        is_tall = any(len(row) > 1 for row in body)
        rows = [*head, *between]
        for index, row in enumerate(body):
            rows += [*(between if is_tall and index else []), *row]
        return rows

    def as_records(self, width: int) -> list[Text]:
        """A row for each cell, behind its heading; records are parted by a blank row."""
        if not self._records:
            return [row for each in self._headings for row in wrapped_text(each, width)]
        rows: list[Text] = []
        for record in self._records:
            rows += [Text()] if rows else []
            for index, cell in enumerate(record):
                heading = self._headings[index] if index < len(self._headings) else None
                named = Text.assemble(heading, ": ", cell) if heading else cell
                rows += wrapped_text(named, width)
        return rows

    def _row(self, cells: Sequence[Text], widths: Sequence[int]) -> list[Text]:
        wrapped = [wrapped_text(cell, width) for cell, width in zip(cells, widths, strict=True)]
        line = Text(f" {self._ornaments.bar} ", theme.DIM)
        rows = []
        for pieces in zip_longest(*wrapped):
            padded = []
            for index, (piece, width) in enumerate(zip(pieces, widths, strict=True)):
                shown = piece.copy() if piece is not None else Text()
                justify = self._justify[index] if index < len(self._justify) else _justified("")
                justify(shown, max(0, width - shown.cell_len))
                padded.append(shown)
            row = line.join(padded)
            row.rstrip()
            rows.append(row)
        return rows

    def _rule(self, widths: Sequence[int]) -> Text:
        rule, cross = self._ornaments.rule, self._ornaments.cross
        return Text(f"{rule}{cross}{rule}".join(rule * width for width in widths), theme.DIM)


def _least(column: Sequence[Text]) -> int:
    """The narrowest this column may become."""
    longest = max((cell_len(word) for cell in column for word in cell.plain.split()), default=1)
    return min(longest, _LEAST_COLUMN_CELLS)


def _shared(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """The widths of the columns: the wide ones give way first, none becomes narrower than its least."""
    widths = list(natural)
    while (excess := sum(widths) - room) > 0:
        widest = max(range(len(widths)), key=lambda at: widths[at] - least[at])
        widths[widest] -= min(excess, max(1, (widths[widest] - least[widest]) // 2))
    return widths
