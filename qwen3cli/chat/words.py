"""Words as readline has them, letters and digits of any script: the keys that move by them, change and swap them.

Emacs and readline go to a word's end forwards and to its beginning backwards. A number in front is how many; below zero
it is the other way.
"""

import unicodedata
from collections.abc import Callable

from prompt_toolkit.document import Document
from prompt_toolkit.filters import emacs_insert_mode, emacs_mode
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent


def word_edge(text: str, at: int, count: int) -> int:
    """Where one comes from `at` over so many words."""
    for _ in range(abs(count)):
        at = _behind(text, at) if count > 0 else _before(text, at)
    return at


def add_words(keys: KeyBindings) -> None:
    """Bind what moves by words, changes and swaps them."""
    for key in (("escape", "f"), ("escape", "right"), ("c-right",)):
        keys.add(*key, filter=emacs_mode)(_forward)
    for key in (("escape", "b"), ("escape", "left"), ("c-left",)):
        keys.add(*key, filter=emacs_mode)(_backward)
    for letter, change in (("u", str.upper), ("l", str.lower), ("c", _capitalized)):
        keys.add("escape", letter, filter=emacs_insert_mode)(_changing(change))
    keys.add("escape", "t", filter=emacs_insert_mode)(_transpose)


def _forward(event: KeyPressEvent) -> None:
    buffer = event.current_buffer
    buffer.cursor_position = word_edge(buffer.text, buffer.cursor_position, event.arg)


def _backward(event: KeyPressEvent) -> None:
    buffer = event.current_buffer
    buffer.cursor_position = word_edge(buffer.text, buffer.cursor_position, -event.arg)


def _changing(change: Callable[[str], str]) -> Callable[[KeyPressEvent], None]:
    def changed(event: KeyPressEvent) -> None:
        """Change the words from the cursor on, and go behind them; those before it, and stay."""
        buffer = event.current_buffer
        text, here = buffer.text, buffer.cursor_position
        start, end = sorted((here, word_edge(text, here, event.arg)))
        words = change(text[start:end])
        buffer.document = Document(text[:start] + words + text[end:], start + len(words))

    return changed


def _capitalized(text: str) -> str:
    """The first letter of each word large, the others small."""
    letters = [
        letter.lower() if at and _is_of_word(text[at - 1]) else letter.title()
        for at, letter in enumerate(text)
    ]
    return "".join(letters)


def _transpose(event: KeyPressEvent) -> None:
    """Drag the word before the cursor over the one at or behind it; at the end, over the last."""
    buffer = event.current_buffer
    text = buffer.text
    next_end = word_edge(text, buffer.cursor_position, 1)
    next_start = word_edge(text, next_end, -1)
    start = word_edge(text, next_start, -1)
    end = word_edge(text, start, 1)
    if end > next_start:  # there is no word before it
        return
    end_of_next = word_edge(text, next_start, 1)
    swapped = text[next_start:end_of_next] + text[end:next_start] + text[start:end]
    buffer.document = Document(text[:start] + swapped + text[end_of_next:], end_of_next)


def _behind(text: str, at: int) -> int:
    while at < len(text) and not _is_of_word(text[at]):
        at += 1
    while at < len(text) and _is_of_word(text[at]):
        at += 1
    return at


def _before(text: str, at: int) -> int:
    while at and not _is_of_word(text[at - 1]):
        at -= 1
    while at and _is_of_word(text[at - 1]):
        at -= 1
    return at


def _is_of_word(character: str) -> bool:
    """Also the marks of a letter, of which some scripts have many."""
    return character.isalnum() or unicodedata.category(character).startswith("M")
