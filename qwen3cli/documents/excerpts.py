"""A part of a document, by its tokens: so many from its beginning, or up to its end. Told, and never in silence.

Knows no model: whoever asks counts the tokens.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from qwen3cli.base.units import count_text
from qwen3cli.dialogue.messages import Document, Message

# Hardly a text has longer tokens all through, so one of that many characters for each token holds enough of them.
_LONG_TOKEN_CHARACTERS = 32


def excerpted(messages: Sequence[Message], count: Callable[[str], int]) -> list[Message]:
    """The messages with the wanted parts of their documents."""
    return [
        replace(each, documents=tuple(excerpt_of(document, count) for document in each.documents))
        for each in messages
    ]


def remarks(messages: Sequence[Message], count: Callable[[str], int]) -> list[str]:
    """What is left out of the documents of these messages, in words."""
    return [
        f"{document.name or 'standard input'}: only {_wish(document)} of {count_text(count(document.text))} tokens"
        for message in messages
        for document in message.documents
        if excerpt_of(document, count).text != document.text
    ]


def excerpt_of(document: Document, count: Callable[[str], int]) -> Document:
    """The wanted part of a document; whole lines, unless one alone is too long."""
    wanted, whole = document.excerpt, replace(document, excerpt=None)
    if wanted is None or len(document.text) <= wanted.tokens:
        return whole
    text, from_end = document.text, wanted.from_end
    most = min(len(text), wanted.tokens * _LONG_TOKEN_CHARACTERS)

    def part(characters: int) -> str:
        return text[len(text) - characters :] if from_end else text[:characters]

    fits, too_much = 0, most + 1
    while too_much - fits > 1:
        middle = (fits + too_much) // 2
        if count(part(middle)) <= wanted.tokens:
            fits = middle
        else:
            too_much = middle
    return replace(
        whole, text=_whole_lines(part(fits), from_end=from_end, all_of_it=fits == len(text))
    )


def _whole_lines(text: str, *, from_end: bool, all_of_it: bool) -> str:
    if all_of_it:
        return text
    cut = text.partition("\n")[2] if from_end else text.rpartition("\n")[0]
    return cut or text


def _wish(document: Document) -> str:
    assert document.excerpt is not None
    which = "last" if document.excerpt.from_end else "first"
    return f"the {which} {count_text(document.excerpt.tokens)}"
