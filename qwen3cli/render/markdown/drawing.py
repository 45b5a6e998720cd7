"""Blocks of Markdown as rows of text. Knows what each kind of block looks like; knows nothing of what is on the screen."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.text import Text

from qwen3cli.render import theme
from qwen3cli.render.markdown.code import highlighted
from qwen3cli.render.markdown.inline import inline_text
from qwen3cli.render.markdown.source import Block, Container, Kind, Parser
from qwen3cli.render.markdown.table import table_rows
from qwen3cli.render.ornaments import Ornaments
from qwen3cli.render.wrap import TAB_CELLS, wrapped_text

_RULE_CELLS = 24
_INDENT = "    "  # what made an indented line code
# However deep a block is nested, its text has this much room; what stands in front of it gives way.
_LEAST_TEXT_CELLS = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One row, or one line of code, which may be wider: so many characters of the block's text are on the screen with it."""

    text: Text
    characters: int = 0


@dataclass(frozen=True, slots=True)
class Drawing:
    """The rows of a block. So many characters of its text are `settled`: they stay, whatever comes behind them."""

    rows: list[Row]
    settled: int


class BlockPainter:
    """Draws the blocks that a parser has found."""

    def __init__(self, parser: Parser, ornaments: Ornaments) -> None:
        self._parser = parser
        self._ornaments = ornaments

    def draw(self, block: Block, width: int, written: int = 0) -> Drawing:
        """The block without the first `written` characters of its text, which are on the screen already."""
        first, others = self._in_front(block, width)
        text, settled = self._text(block, width - others.cell_len)
        is_code = block.kind in (Kind.FENCE, Kind.CODE, Kind.TABLE)
        if not is_code:
            text.expand_tabs(TAB_CELLS)
        if written and written >= len(text) + is_code:
            return Drawing([], 0)
        rest = text.divide([written])[-1] if written else text
        broken = _lines(rest) if is_code else _wrapped(rest, width - others.cell_len)
        rows: list[Row] = []
        for row in broken:
            if others:  # else tabs are left to the terminal, and can be copied from it
                row.text.expand_tabs(TAB_CELLS)
            in_front = others if rows or written else first
            rows.append(Row(in_front + row.text, row.characters))
        if not is_code:  # where a row ends is sure only once the whole row behind it is
            settled -= width
        return Drawing(rows, settled - written)

    def blank(self, block: Block, width: int, depth: int) -> Row:
        """A blank row in the first `depth` of the block's containers."""
        _, text = self._in_front(block, width, depth)
        text.rstrip()
        return Row(text)

    def _in_front(self, block: Block, width: int, depth: int | None = None) -> tuple[Text, Text]:
        """What stands left of the block's first row and of its others: the bars of quotes, the markers of items."""
        first, others = Text(), Text()
        for container in block.containers[:depth]:
            if container.marker == ">":
                first.append(f"{self._ornaments.bar} ", theme.DIM)
                others.append(f"{self._ornaments.bar} ", theme.DIM)
            else:
                marker = self._marker(container)
                blank = " " * len(marker)
                first.append(marker if container in block.opens else blank, theme.MARKER)
                others.append(blank)
        excess = max(0, len(others) - max(0, width - _LEAST_TEXT_CELLS))
        return first[excess:], others[excess:]

    def _marker(self, container: Container) -> str:
        is_number = container.marker[0].isdigit()
        return f"{container.marker if is_number else self._ornaments.bullet} "

    def _text(self, block: Block, width: int) -> tuple[Text, int]:
        """The text of a block, and how much of it is settled."""
        match block.kind:
            case Kind.PARAGRAPH:
                return inline_text(self._parser.inline(block.content))
            case Kind.HEADING:
                return inline_text(self._parser.inline(block.content), theme.HEADING)
            case Kind.FENCE:
                return _but_its_last_line(_fenced(block))
            case Kind.CODE:
                lines = block.content.removesuffix("\n").split("\n")
                return _but_its_last_line(Text("\n".join(_INDENT + line for line in lines)))
            case Kind.HTML:
                return _but_its_last_line(Text(block.content.removesuffix("\n")))
            case Kind.RULE:
                return Text(self._ornaments.rule * min(_RULE_CELLS, width), theme.DIM), 0
            case Kind.TABLE:
                rows = table_rows(block.content, self._cell, width, self._ornaments)
                return Text("\n").join(rows), 0
            case Kind.DEFINITION:
                return Text(block.content, theme.DIM), 0
            case Kind.FORMULA | Kind.EMPTY:
                return Text(block.content), 0

    def _cell(self, content: str) -> Text:
        return inline_text(self._parser.inline(content))[0]


def _fenced(block: Block) -> Text:
    """A fenced block with its fences, as it was written: what is copied is whole, and a fence within a fence is clear."""
    drawn = Text.assemble((block.fence + block.info, theme.DIM))
    if block.content:
        drawn.append("\n")
        drawn.append_text(highlighted(block.content.removesuffix("\n"), block.info))
    if block.is_closed:
        drawn.append(f"\n{block.fence}", theme.DIM)
    return drawn


def _but_its_last_line(text: Text) -> tuple[Text, int]:
    return text, text.plain.rfind("\n") + 1


def _lines(text: Text) -> Iterator[Row]:
    for line in text.split("\n", allow_blank=True):
        yield Row(line, len(line) + 1)


def _wrapped(text: Text, width: int) -> Iterator[Row]:
    plain, start = text.plain, 0
    for row in wrapped_text(text, width):
        end = start + len(row)
        while end < len(plain) and plain[end].isspace():  # where the row was broken
            end += 1
            if plain[end - 1] == "\n":
                break
        yield Row(row, end - start)
        start = end
