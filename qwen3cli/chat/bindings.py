"""What keys do at the prompt, beyond what the line editor's library does by itself: readline's ways where it has one.

Enter sends; in a search it ends the search and sends what was found. Alt-Enter and Ctrl-J begin a new line.
"""

import re
from collections.abc import Callable

from prompt_toolkit import search
from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.document import Document
from prompt_toolkit.filters import (
    completion_is_selected,
    emacs_insert_mode,
    emacs_mode,
    is_searching,
    vi_navigation_mode,
)
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.key_binding.bindings.named_commands import get_by_name
from prompt_toolkit.keys import Keys

from qwen3cli.chat.blocks import is_open_block
from qwen3cli.chat.folds import Folds

# Keys that end a search in readline, and then do what they always do. Escape begins Alt-B and its like.
_ENDS_SEARCH = (
    *("left", "right", "up", "down", "home", "end", "delete", "tab", "escape"),
    *("c-a", "c-b", "c-d", "c-e", "c-f", "c-k", "c-l", "c-n", "c-o", "c-p", "c-t", "c-u", "c-x"),
)


_WORD = re.compile(r"[^\W_]+")  # as readline has them


class EditorWanted(Exception):
    """The line is to be opened in the user's editor."""

    def __init__(self, line: str) -> None:
        super().__init__()
        self.line = line


def bindings(folds: Folds, suspend: Callable[[], None]) -> KeyBindings:
    """Our keys. Long pastes are folded by `folds`."""
    keys = KeyBindings()
    _add_enter(keys)
    _add_search(keys)

    @keys.add(Keys.ControlC)
    @keys.add(Keys.SIGINT)
    def _(event: KeyPressEvent) -> None:
        if is_searching():
            search.stop_search()
            event.app.current_buffer.reset()
        elif event.current_buffer.text:  # as in every shell
            event.current_buffer.reset()
        else:
            event.app.exit(exception=KeyboardInterrupt, style="class:aborting")

    @keys.add("c-x", "c-e", filter=emacs_mode & ~is_searching)
    @keys.add("v", filter=vi_navigation_mode & ~is_searching)
    def _(event: KeyPressEvent) -> None:
        event.app.erase_when_done = True
        event.app.exit(exception=EditorWanted(event.current_buffer.text))

    @keys.add(Keys.BracketedPaste, filter=~is_searching)
    def _(event: KeyPressEvent) -> None:
        text = event.data.replace("\r\n", "\n").replace("\r", "\n")
        event.current_buffer.insert_text(folds.fold(text, " pasted"))

    @keys.add("c-z")
    def _(_event: KeyPressEvent) -> None:
        run_in_terminal(suspend)

    keys.add("escape", "t", filter=emacs_insert_mode)(_transpose_words)
    keys.add("c-v", filter=emacs_insert_mode)(get_by_name("quoted-insert"))
    return keys


def _transpose_words(event: KeyPressEvent) -> None:
    """Drag the word before the cursor over the one at or behind it; at the end, over the last."""
    buffer = event.current_buffer
    words = [match.span() for match in _WORD.finditer(buffer.text)]
    behind = sum(end <= buffer.cursor_position for _, end in words)  # words before the cursor
    second = min(behind, len(words) - 1)
    if second < 1:
        return
    (start, end), (next_start, next_end) = words[second - 1], words[second]
    text = buffer.text
    swapped = text[next_start:next_end] + text[end:next_start] + text[start:end]
    buffer.document = Document(text[:start] + swapped + text[next_end:], next_end)


def _add_enter(keys: KeyBindings) -> None:
    @keys.add(Keys.Enter, filter=~completion_is_selected & ~is_searching)
    def _(event: KeyPressEvent) -> None:
        if is_open_block(event.current_buffer.text):
            event.current_buffer.insert_text("\n")
        else:
            event.current_buffer.validate_and_handle()

    @keys.add(Keys.Enter, filter=completion_is_selected)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.complete_state = None

    @keys.add(Keys.Escape, Keys.Enter, filter=emacs_mode)
    @keys.add(Keys.ControlJ, filter=~is_searching)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")


def _add_search(keys: KeyBindings) -> None:
    searching = emacs_mode & is_searching

    @keys.add(Keys.Enter, filter=searching)
    def _(event: KeyPressEvent) -> None:
        search.accept_search()
        event.app.current_buffer.validate_and_handle()

    @keys.add(Keys.ControlJ, filter=searching)
    def _(_event: KeyPressEvent) -> None:
        search.accept_search()

    def end(event: KeyPressEvent) -> None:
        search.accept_search()
        event.key_processor.feed_multiple(event.key_sequence, first=True)

    for key in _ENDS_SEARCH:
        keys.add(key, filter=searching, eager=True)(end)
