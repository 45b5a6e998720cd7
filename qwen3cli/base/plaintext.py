"""Text from strangers, made safe to show on a terminal.

A model, a document or a tool may write escape sequences that move the cursor, change the title or fill the clipboard.
On its way to a terminal every control character becomes visible or vanishes; new lines and tabs stay. That happens where
the bytes leave (`streams`, and `render/painter` for what we draw), so nobody else has to think of it. In a pipe, in a file
and in what a model reads nothing is ever changed.
"""

import re
from textwrap import TextWrapper

# Overrides can make text read as what it is not; the other bidirectional marks are needed for right-to-left scripts.
_BIDI_OVERRIDES = "\u202d\u202e"
_SAFE: dict[int, int | str | None] = {
    code: 0x2400 + code for code in range(0x20)
}  # ESC: its picture
_SAFE |= {0x7F: 0x2421}
_SAFE |= dict.fromkeys(range(128, 160), 65533)  # C1: some terminals read these as escapes
_SAFE |= {ord(char): 0xFFFD for char in _BIDI_OVERRIDES}
_SAFE |= dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)  # halves of characters
_SAFE |= {
    0xDC00 + byte: f"\\x{byte:02x}" for byte in range(0x80, 0x100)
}  # of file names that are no UTF-8
_MAP = {**_SAFE, ord("\n"): ord("\n"), ord("\t"): ord("\t"), ord("\r"): None}


def visible(text: str) -> str:
    """A whole text with every control character but new line and tab replaced by a visible stand-in, and what turns the
    direction of writing closed in its line."""
    whole = VisibleText()
    return whole.feed(text) + whole.end()


def visible_piece(text: str) -> str:
    """The same for one of the pieces that a text comes in; whoever joins them closes the lines (`VisibleText`)."""
    return text.translate(_MAP)


# What makes the text behind it run otherwise, until its counterpart or the end of the line.
_CLOSED_BY = {
    **dict.fromkeys("\u2066\u2067\u2068", "\u2069"),  # isolates
    **dict.fromkeys("\u202a\u202b", "\u202c"),  # embeddings
}
_DIRECTIONS = re.compile("[\u2066-\u2069\u202a-\u202c\n]")
_MOST_NESTED = 125  # Unicode's own limit: deeper ones have no effect


class VisibleText:
    """Makes text visible that comes in pieces: what turns the direction of writing is closed where its line ends."""

    def __init__(self) -> None:
        self._closers: list[str] = []

    def feed(self, text: str) -> str:
        """The next piece."""
        shown = visible_piece(text)
        if not self._closers and shown.isascii():
            return shown
        return _DIRECTIONS.sub(self._followed, shown)

    def end(self) -> str:
        """What closes the line as it is now."""
        closing = "".join(reversed(self._closers))
        self._closers.clear()
        return closing

    def _followed(self, found: re.Match[str]) -> str:
        mark = found[0]
        if mark == "\n":
            return self.end() + mark
        if closer := _CLOSED_BY.get(mark):
            if len(self._closers) < _MOST_NESTED:
                self._closers.append(closer)
        elif mark in self._closers:
            while self._closers.pop() != mark:
                pass
        return mark


def wrapped(text: str, columns: int, indent: int = 0) -> str:
    """The text broken between words only, so that a path stays whole; what is broken goes on behind `indent` spaces."""
    wrapper = TextWrapper(
        width=columns,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(wrapper.fill(line) for line in text.split("\n"))
