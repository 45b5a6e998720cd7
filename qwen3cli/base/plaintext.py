"""Text from strangers, made safe to show on a terminal.

A model, a document or a tool may write escape sequences that move the cursor, change the title or fill the clipboard.
Here every control character becomes visible or vanishes; new lines and tabs stay. The map works on single characters,
so a stream can be cut anywhere. Nothing is changed in what is saved, piped or sent to a model.
"""

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
    """The text with every control character but new line and tab replaced by a visible stand-in."""
    return text.translate(_MAP)


def wrapped(text: str, columns: int, indent: int = 0) -> str:
    """The text broken between words only, so that a path stays whole; what is broken goes on behind `indent` spaces."""
    wrapper = TextWrapper(
        width=columns,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(wrapper.fill(line) for line in text.split("\n"))
