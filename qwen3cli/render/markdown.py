"""Markdown as it streams in, one unit at a time.

A unit is what can be drawn for good: one line of the source, or a whole table. Models end a line where they want a new
line, so lines are never joined. Knows nothing of the terminal; text must already be safe to show (`visible`).
Left out on purpose: emphasis across lines, HTML, references. They are shown as they stand.
"""

import re
from collections.abc import Iterator
from itertools import zip_longest

from markdown_it import MarkdownIt
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderableType, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from qwen3cli.render import theme

_FENCE = re.compile(r"^( {0,12})(`{3,}|~{3,})\s*([\w+#.-]*)[^`]*$")
_HEADING = re.compile(r"^#{1,6}\s+(.*?)(?:\s+#+)?$")
_ITEM = re.compile(r"^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$")
_QUOTE = re.compile(r"^\s{0,3}((?:>\s?)+)(.*)$")
_RULE = re.compile(r"^\s{0,3}([-*_])(?:\s*\1){2,}\s*$")
_TABLE_ROW = re.compile(r"^\s*\|.*\|\s*$")
_TABLE_RULE = re.compile(r"^\s*\|(?:\s*:?-+:?\s*\|)+\s*$")
# Highlighting needs what came before (an open string, a comment), but not all of it.
_HIGHLIGHT_LINES = 60


class MarkdownStream:
    """Feed it text; take the finished units, and look at the open one."""

    def __init__(self, ornaments: theme.Ornaments) -> None:
        self._ornaments = ornaments
        self._inline = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")
        self._line = ""  # the line that has not ended yet
        self._code: _Code | None = None
        self._table: list[str] = []

    def feed(self, text: str) -> list[RenderableType]:
        """Take more text; the units it finished."""
        *lines, self._line = (self._line + text).split("\n")
        return [unit for line in lines for unit in self._finished(line)]

    def finish(self) -> list[RenderableType]:
        """The text has ended; whatever was open is finished."""
        line, self._line = self._line, ""
        units = list(self._finished(line)) if line else []
        return [*units, *self._table_ended()]

    def open(self) -> RenderableType | None:
        """What is there of the unit that is still open; None if that is nothing."""
        if self._table:
            return Text("\n".join([*self._table, self._line]).rstrip("\n"), overflow="fold")
        if not self._line:
            return None
        if self._code is not None:
            return self._code.peek(self._line)
        return self._drawn(self._line)

    def _finished(self, line: str) -> Iterator[RenderableType]:
        if self._code is not None:
            yield self._code.line(line)
            if self._code.ends_with(line):
                self._code = None
        elif _TABLE_ROW.match(line):
            self._table.append(line)
        else:
            yield from self._table_ended()
            yield self._drawn(line)
            fence = _FENCE.match(line)
            if fence:
                self._code = _Code(fence.group(2), fence.group(3))

    def _table_ended(self) -> Iterator[RenderableType]:
        rows, self._table = self._table, []
        if len(rows) >= 2 and _TABLE_RULE.match(rows[1]):
            yield self._drawn_table(rows[0], rows[1], rows[2:])
        else:
            yield from (self._drawn(row) for row in rows)

    def _drawn(self, line: str) -> RenderableType:
        """One line outside code and tables."""
        if _FENCE.match(line):
            return Text(line, theme.DIM, overflow="fold")
        if match := _HEADING.match(line):
            return self.inline(match.group(1), theme.HEADING)
        if _RULE.match(line):
            return Text(self._ornaments.rule * 24, theme.DIM)
        if match := _ITEM.match(line):
            indent, marker, rest = match.groups()
            shown = marker if marker[0].isdigit() else self._ornaments.bullet
            return _hanging(Text(f"{indent}{shown} ", theme.MARKER), self.inline(rest))
        if match := _QUOTE.match(line):
            bars = (self._ornaments.bar + " ") * match.group(1).count(">")
            return _Quoted(bars, self.inline(match.group(2), theme.QUOTE))
        indent = line[: len(line) - len(line.lstrip())]
        return _hanging(Text(indent), self.inline(line.strip())) if indent else self.inline(line)

    def _drawn_table(self, head: str, rule: str, rows: list[str]) -> RenderableType:
        table = Table(
            show_edge=False, pad_edge=False, header_style=theme.STRONG, border_style=theme.DIM
        )
        for cell, dashes in zip_longest(_cells(head), _cells(rule), fillvalue=""):
            table.add_column(self.inline(cell), justify=_justified(dashes), overflow="fold")
        for row in rows:
            cells = _cells(row)[: len(table.columns)]
            table.add_row(*(self.inline(cell) for cell in cells))
        return table

    def inline(self, text: str, style: Style | str = "") -> Text:
        """Emphasis, code and links within one line."""
        drawn = Text(style=style, overflow="fold")
        children = self._inline.parseInline(text)[0].children or []
        styles: list[Style] = []
        targets: list[str] = []
        for token in children:
            if token.type in _OPENING:
                styles.append(_OPENING[token.type])
                targets.append(str(token.attrGet("href") or ""))
            elif token.nesting == -1 and styles:
                styles.pop()
                target = targets.pop()
                if target and not drawn.plain.endswith(target):
                    drawn.append(f" ({target})", theme.DIM)
            else:
                drawn.append(_content(token.type, token.content), _combined(token.type, styles))
        return drawn


_OPENING = {
    "strong_open": theme.STRONG,
    "em_open": theme.EMPHASIS,
    "s_open": theme.STRUCK,
    "link_open": theme.LINK,
}


def _content(kind: str, content: str) -> str:
    return "\n" if kind in ("softbreak", "hardbreak") else content


def _combined(kind: str, styles: list[Style]) -> Style:
    inner = [theme.CODE] if kind == "code_inline" else []
    return Style.combine([theme.PLAIN, *styles, *inner])


class _Code:
    """A fenced block while it streams: every line is drawn once, with the ones before it as its context."""

    def __init__(self, fence: str, language: str) -> None:
        self._fence = fence
        self._lines: list[str] = []
        self._syntax = Syntax(
            "", language or "text", theme=theme.SYNTAX, background_color="default"
        )

    def line(self, line: str) -> Text:
        """A finished line of the block."""
        if self.ends_with(line):
            return Text(line, theme.DIM, overflow="fold")
        self._lines = [*self._lines, line][-_HIGHLIGHT_LINES:]
        return self._highlighted(self._lines)

    def peek(self, line: str) -> Text:
        """A line that has not ended yet."""
        return self._highlighted([*self._lines[1 - _HIGHLIGHT_LINES :], line])

    def ends_with(self, line: str) -> bool:
        """Whether this line closes the block."""
        bare = line.strip()
        return bare.startswith(self._fence) and not bare.strip(self._fence[0])

    def _highlighted(self, lines: list[str]) -> Text:
        if not lines[-1].strip():
            return Text("")
        whole = self._syntax.highlight("\n".join(lines))
        whole.rstrip()
        drawn = whole.split("\n")[-1]
        drawn.overflow, drawn.no_wrap = "fold", False
        return drawn


def _hanging(marker: Text, text: Text) -> RenderableType:
    """Text behind a marker, its further rows indented under its first."""
    grid = Table.grid(padding=0)
    grid.add_column(no_wrap=True, width=marker.cell_len)
    grid.add_column(overflow="fold")
    grid.add_row(marker, text)
    return grid


class _Quoted:
    """Text with bars before every row of it."""

    def __init__(self, bars: str, text: Text) -> None:
        self._bars = Segment(bars, theme.DIM)
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(1, options.max_width - self._bars.cell_length)
        for row in console.render_lines(self._text, options.update(width=width), pad=False):
            yield from (self._bars, *row, Segment.line())


def _justified(dashes: str) -> JustifyMethod:
    """What the colons in the rule of a table ask for."""
    if dashes.endswith(":"):
        return "center" if dashes.startswith(":") else "right"
    return "left"


def _cells(row: str) -> list[str]:
    inner = row.strip().removeprefix("|").removesuffix("|")
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", inner)]
