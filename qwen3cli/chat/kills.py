"""What was killed, for Ctrl-Y: kills in a row are one, whichever keys they were, and Alt-Y goes through the earlier ones."""

from collections.abc import Callable

from prompt_toolkit.clipboard import ClipboardData, InMemoryClipboard
from prompt_toolkit.document import Document
from prompt_toolkit.filters import emacs_insert_mode, has_arg, has_selection, is_searching
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from qwen3cli.chat.words import word_edge

# Where a kill ends that begins at the cursor; the number is the one typed in front of the key.
_Reach = Callable[[Document, int], int]
_Key = tuple[tuple[str, ...], _Reach]


class KillRing(InMemoryClipboard):
    """The library's ring, in which a kill may go on."""

    def __init__(self) -> None:
        super().__init__()
        self._left: Document | None = None  # the line as the last kill left it

    def kill(self, line: Document, end: int) -> Document:
        """Take what stands between the cursor and `end` out of a line. Returns what is left; if nothing was done to it since
        the last kill, this one belongs to that."""
        start, end = sorted((line.cursor_position, end))
        killed = line.text[start:end]
        if not killed:
            return line
        if line == self._left:
            before = self._ring.popleft().text
            killed = killed + before if end == line.cursor_position else before + killed
        self.set_data(ClipboardData(killed))
        self._left = Document(line.text[:start] + line.text[end:], start)
        return self._left


def add_kills(keys: KeyBindings, ring: KillRing) -> None:
    """Bind what kills; single characters only where a number says how many."""
    line = emacs_insert_mode & ~has_selection & ~is_searching
    kills = [(*each, line) for each in _KILLS] + [(*each, line & has_arg) for each in _WITH_NUMBER]
    for key, reach, where in kills:

        def kill(event: KeyPressEvent, reach: _Reach = reach) -> None:
            typed = event.current_buffer.document
            event.current_buffer.document = ring.kill(typed, reach(typed, event.arg))

        keys.add(*key, filter=where)(kill)


def _line_end(line: Document, count: int) -> int:
    """The end of this line; there, the beginning of the next one."""
    if count < 0:
        return _line_start(line, 1)
    rest = line.get_end_of_line_position() or (line.current_char == "\n")
    return line.cursor_position + rest


def _line_start(line: Document, _count: int) -> int:
    """The beginning of this line; there, the end of the one before."""
    back = line.get_start_of_line_position() or -bool(line.cursor_position)
    return line.cursor_position + back


def _word_end(line: Document, count: int) -> int:
    return word_edge(line.text, line.cursor_position, count)


def _word_start(line: Document, count: int) -> int:
    return word_edge(line.text, line.cursor_position, -count)


def _blank(line: Document, count: int) -> int:
    """Behind the last blank before the words before the cursor."""
    at, text = line.cursor_position, line.text
    for _ in range(max(1, count)):
        at = len(text[:at].rstrip())
        while at and not text[at - 1].isspace():
            at -= 1
    return at


def _characters(line: Document, count: int) -> int:
    return min(max(0, line.cursor_position + count), len(line.text))


def _characters_back(line: Document, count: int) -> int:
    return _characters(line, -count)


_KILLS: tuple[_Key, ...] = (
    (("c-k",), _line_end),
    (("c-u",), _line_start),
    (("c-x", "backspace"), _line_start),
    (("c-w",), _blank),
    (("escape", "d"), _word_end),
    (("c-delete",), _word_end),
    (("escape", "backspace"), _word_start),
)
_WITH_NUMBER: tuple[_Key, ...] = (
    (("backspace",), _characters_back),
    (("c-d",), _characters),
)
