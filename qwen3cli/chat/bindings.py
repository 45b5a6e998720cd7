"""What keys do at the prompt, beyond what the line editor's library does by itself: readline's ways where it has one.

Enter sends; in a search it ends the search and sends what was found. Alt-Enter and Ctrl-J begin a new line. What moves by
words and what kills stands in `words` and `kills`.
"""

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
from prompt_toolkit.search import SearchState

from qwen3cli.chat.blocks import is_open_block
from qwen3cli.chat.folds import Folds
from qwen3cli.chat.kills import KillRing, add_kills
from qwen3cli.chat.words import add_words, word_edge

# Keys that end a search in readline, and then do what they always do. Escape begins Alt-B and its like.
_ENDS_SEARCH = (
    *("left", "right", "up", "down", "home", "end", "delete", "tab", "escape"),
    *(f"c-{key}" for key in "abdefklnoptux_]"),
)


class EditorWanted(Exception):
    """The line is to be opened in the user's editor."""

    def __init__(self, line: str) -> None:
        super().__init__()
        self.line = line


def bindings(
    folds: Folds, ring: KillRing, suspend: Callable[[], None], slide: Callable[[int], None]
) -> KeyBindings:
    """Our keys. Long pastes are folded by `folds`; `slide` is told of one step up or down of the thinking."""
    keys = KeyBindings()
    _add_enter(keys)
    _add_search(keys)
    add_words(keys)
    add_kills(keys, ring)

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

    @keys.add("escape", "up", filter=emacs_mode)
    def _(_event: KeyPressEvent) -> None:
        slide(1)

    @keys.add("escape", "down", filter=emacs_mode)
    def _(_event: KeyPressEvent) -> None:
        slide(-1)

    keys.add("c-v", filter=emacs_insert_mode)(get_by_name("quoted-insert"))
    keys.add("escape", "r", filter=emacs_insert_mode)(_revert)
    keys.add("escape", "#", filter=emacs_insert_mode)(_put_aside)
    return keys


def _revert(event: KeyPressEvent) -> None:
    """The line as it was before anything was done to it: a line of the history as it stands there."""
    buffer = event.current_buffer
    earlier = buffer.history.get_strings()
    if buffer.working_index < len(earlier):
        text = earlier[buffer.working_index]
        buffer.document = Document(text, len(text))
        return
    changed = None
    while buffer.document != changed:
        changed = buffer.document
        buffer.undo()


def _put_aside(event: KeyPressEvent) -> None:
    """Into the history and not sent: what a comment is in a shell."""
    event.current_buffer.reset(append_to_history=True)


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

    @keys.add("c-w", filter=searching)
    def _(event: KeyPressEvent) -> None:
        rest = _behind_found(event)
        event.current_buffer.insert_text(rest[: word_edge(rest, 0, 1)])

    @keys.add("c-y", filter=searching)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text(_behind_found(event))

    def end(event: KeyPressEvent) -> None:
        search.accept_search()
        event.key_processor.feed_multiple(event.key_sequence, first=True)

    for key in _ENDS_SEARCH:
        keys.add(key, filter=searching, eager=True)(end)


def _behind_found(event: KeyPressEvent) -> str:
    """What stands in the line behind that which was searched for, as far as it was found."""
    searched = event.app.layout.search_target_buffer_control
    if searched is None:
        return ""
    text = event.current_buffer.text
    wanted = SearchState(text, searched.search_state.direction)
    found = searched.buffer.document_for_search(wanted)
    return found.text_after_cursor.removeprefix(text) if text else ""
