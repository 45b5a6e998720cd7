"""A Markdown text that comes in pieces, as rows that are finished and rows that may still change.

Finished rows are given out once, for good. What may change is kept short, in source and in rows: the block that a later
line could turn into something else, and before it what still fits on the live rows, since a later definition makes links
of references. Where blocks are cut off, what is needed to read on is left: a line for each quote and item that goes on,
and some lines of code for the colours of the next.
"""

from collections.abc import Sequence

from rich.text import Text

from qwen3cli.render.markdown.drawing import BlockPainter, Drawing, Row
from qwen3cli.render.markdown.source import Block, Kind, Parser
from qwen3cli.render.ornaments import Ornaments
from qwen3cli.render.region import MOST_LIVE_ROWS
from qwen3cli.render.wrap import Rows, wrapped_text

# A block longer than this is shown as it stands while it is open, and looked at again when it is twice as long.
_MOST_OPEN_CHARACTERS = 8_000
_TAIL_CHARACTERS = 4_000  # more than fits on the live rows
# Colours need what came before (an open string, a comment), but not all of it.
_LINES_KEPT_FOR_COLOR = 60
# A run of these that is still growing closes what it will not close when it is whole.
_MAY_GROW = ("`", "*", "_")
# A heading that ends itself: stands for the text of a block that is no longer needed.
_PLACEHOLDER = "#"


class MarkdownStream:
    """Feed it text; take the rows. The text must be safe to show."""

    def __init__(self, ornaments: Ornaments) -> None:
        self._parser = Parser()
        self._painter = BlockPainter(self._parser, ornaments)
        self._pieces: list[str] = []
        self._placeholders = 0  # so many lines stand first in the source, each a block
        self._written = 0  # characters of the first block's text that were given out
        self._apart: int | None = (
            None  # above the first block stands a blank row, in so many containers
        )
        self._parse_at = 0  # not before the source is this long

    def feed(self, text: str) -> None:
        """Take more text."""
        self._pieces.append(text)

    def rows(self, width: int) -> Rows:
        """The rows that are finished now, and the last ones of those that are not."""
        source = self._source()
        if len(source) < self._parse_at:
            tail = wrapped_text(Text(source[-_TAIL_CHARACTERS:]), width)
            return Rows([], tail[-MOST_LIVE_ROWS:])
        blocks = self._parser.blocks(source, is_open=True)
        drawn = self._drawn(blocks, width)
        if not drawn:
            return Rows([], [])
        count = _open_blocks(source, blocks[self._placeholders :], drawn, width)
        finished = [row for drawing in drawn[:-count] for row in drawing.rows]
        if len(drawn) > count:
            self._cut(source, blocks, len(blocks) - count)
        elif blocks[self._placeholders].kind is Kind.FENCE:
            self._shorten(source, blocks[self._placeholders])
        rest = [row for drawing in drawn[-count:] for row in drawing.rows]
        height = sum(_height(row, width) for row in rest)
        given = 0 if source.endswith(_MAY_GROW) else _settled_rows(drawn[-count], height)
        self._written += sum(row.characters for row in rest[:given])
        self._parse_at = self._next_parse()
        live = [piece for row in rest[given:] for piece in _folded(row, width)]
        return Rows([row.text for row in [*finished, *rest[:given]]], live[-MOST_LIVE_ROWS:])

    def finish(self, width: int) -> list[Text]:
        """The text has ended: all that is left of it. What comes next is a text of its own."""
        drawn = self._drawn(self._parser.blocks(self._source(), is_open=False), width)
        self._pieces.clear()
        self._apart = None
        self._placeholders = self._written = self._parse_at = 0
        return [row.text for drawing in drawn for row in drawing.rows]

    def _source(self) -> str:
        source = "".join(self._pieces)
        self._pieces = [source]
        return source

    def _next_parse(self) -> int:
        length = len(self._source())
        return 2 * length if length > _MOST_OPEN_CHARACTERS else 0

    def _drawn(self, blocks: Sequence[Block], width: int) -> list[Drawing]:
        """The blocks as rows, without those that are only placeholders."""
        drawn = []
        for index in range(self._placeholders, len(blocks)):
            written = self._written if index == self._placeholders else 0
            drawing = self._painter.draw(blocks[index], width, written)
            apart = self._apart
            if index > self._placeholders:
                apart = _apart(blocks[index - 1], blocks[index])
            if apart is not None and not written:
                drawing.rows.insert(0, self._painter.blank(blocks[index], width, apart))
            drawn.append(drawing)
        return drawn

    def _cut(self, source: str, blocks: Sequence[Block], index: int) -> None:
        """Forget the blocks before this one, but for what it needs to be read as before."""
        block = blocks[index]
        lines = source.split("\n")
        columns = {each.first: each.column for each in blocks if each.kind is not Kind.EMPTY}
        goes_on = sorted({each.line for each in block.containers if each not in block.opens})
        placeholders = [
            (lines[line][: columns[line]] if line in columns else f"{lines[line].rstrip()} ")
            + _PLACEHOLDER
            for line in goes_on
        ]
        self._parser.settle(block.start)
        self._pieces = ["\n".join([*placeholders, *lines[block.start :]])]
        self._placeholders = len(placeholders)
        self._written = 0
        self._apart = _apart(blocks[index - 1], block)

    def _shorten(self, source: str, block: Block) -> None:
        """Forget lines of code that were given out, but for those that the colours need."""
        code = block.content.split("\n")
        given, length = 0, len(block.fence + block.info) + 1
        while given < len(code) and length + len(code[given]) + 1 <= self._written:
            length += len(code[given]) + 1
            given += 1
        if given < 2 * _LINES_KEPT_FOR_COLOR:
            return
        gone = code[: given - _LINES_KEPT_FOR_COLOR]
        lines = source.split("\n")
        del lines[block.first + 1 : block.first + 1 + len(gone)]
        self._pieces = ["\n".join(lines)]
        self._written -= sum(len(line) + 1 for line in gone)


def _apart(above: Block, below: Block) -> int | None:
    """In how many containers a blank row stands between two blocks, if there is one."""
    is_apart = below.start > above.end
    return len(below.containers) - len(below.opens) if is_apart else None


def _open_blocks(source: str, blocks: Sequence[Block], drawn: Sequence[Drawing], width: int) -> int:
    """How many of the last blocks may still change, or fit on the live rows."""
    count = 1
    if len(blocks) > 1 and _may_be_one(blocks[-2], blocks[-1], source.count("\n")):
        count = 2
    height = sum(_height(row, width) for drawing in drawn[-count:] for row in drawing.rows)
    while count < len(blocks):
        height += sum(_height(row, width) for row in drawn[-count - 1].rows)
        if height > MOST_LIVE_ROWS:
            break
        count += 1
    return count


def _may_be_one(above: Block, last: Block, last_line: int) -> bool:
    """Whether the last block may turn out to go on with the one above it: by the rest of its line, as the title of a
    definition, or as a paragraph if it is no formula after all."""
    is_title = above.kind is Kind.DEFINITION and last.kind is Kind.PARAGRAPH
    is_unsure = is_title or last.kind is Kind.FORMULA or last.start == last_line
    return above.end == last.start and is_unsure


def _settled_rows(drawing: Drawing, height: int) -> int:
    """How many rows of an open block to give out, so that what stays live is not too high."""
    characters = given = 0
    most = min(len(drawing.rows) - 1, height - MOST_LIVE_ROWS)  # the last row may go on
    for count, row in enumerate(drawing.rows[: max(0, most)], start=1):
        characters += row.characters
        if characters > drawing.settled:
            break
        given = count if characters else 0  # a blank row goes with the first one below it
    return given


def _height(row: Row, width: int) -> int:
    return len(_folded(row, width))


def _folded(row: Row, width: int) -> list[Text]:
    """A row as it is drawn while it is live, when the terminal must not break it."""
    if row.text.cell_len <= width and "\t" not in row.text.plain:
        return [row.text]
    return wrapped_text(row.text[-_TAIL_CHARACTERS:], width)
