'''Messages of several lines between `"""` and `"""`, and messages that begin with a slash.'''

from qwen3cli.base.streams import encoded

_QUOTES = '"""'


def is_open_block(line: str) -> bool:
    """Whether the line begins a block that has not ended yet."""
    return line.lstrip().startswith(_QUOTES) and line.count(_QUOTES) % 2 == 1


def is_block(line: str) -> bool:
    """Whether the line is one block, so that whatever is in it is text."""
    text = line.strip()
    return text.startswith(_QUOTES) and text.endswith(_QUOTES) and text.count(_QUOTES) == 2


def said(line: str) -> str:
    """What a line says once its marks are taken away: those of a block, and the first of two slashes."""
    if is_block(line):
        return line.strip().removeprefix(_QUOTES).removesuffix(_QUOTES).strip()
    text = line.strip()
    return text[1:] if text.startswith("//") else text


def as_line(text: str) -> str:
    """A line that says this text."""
    return f"/{text}" if text.startswith("/") else text


def valid(text: str) -> str:
    """The text as every model and file takes it: bytes that were typed and are no UTF-8 become a replacement character."""
    return encoded(text).decode("utf-8", "replace")
