"""A long text in parts that each hold at most so many tokens, cut where a reader would pause.

The parts together are the text, to the letter. It is cut at its highest headings first; what is still too long at lower
ones and at pages, then between paragraphs, lines and sentences, then in the midst of one. Neighbours that fit together stay
together. Knows no model: whoever asks counts the tokens.
"""

import re
from collections.abc import Callable, Iterator, Sequence

# Where a piece may begin, the coarsest first. A page is marked as `documents/text` marks it.
_BEGINNINGS = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"^(?=# )",
        r"^(?=## )",
        r"^(?=###+ |\[page \d+\]$)",
        r"(?<=\n\n)(?=[^\n])",
        r"(?<=\n)",
        r"(?<=[.!?。！？؟।] )|(?<=[。！？])",
    )
)


def cut_into_parts(text: str, most_tokens: int, count: Callable[[str], int]) -> list[str]:
    """The parts, in order; one where all of it fits. Only a single character may have more tokens than that.

    `count` tells the tokens of a text; two texts joined must not have more than both had.
    """
    return ["".join(pieces) for pieces in _grouped(_pieces(text, most_tokens, count), most_tokens)]


_Counted = tuple[str, int]  # a piece of the text, and its tokens


def _pieces(
    text: str,
    most: int,
    count: Callable[[str], int],
    beginnings: Sequence[re.Pattern[str]] = _BEGINNINGS,
) -> Iterator[_Counted]:
    """The coarsest pieces that fit."""
    tokens = count(text)
    if tokens <= most or len(text) < 2:
        yield text, tokens
        return
    finer = beginnings[1:]
    for piece in _split(text, beginnings[0]) if beginnings else _halves(text):
        yield from _pieces(piece, most, count, finer)


def _grouped(pieces: Iterator[_Counted], most: int) -> Iterator[list[str]]:
    """Neighbours together, as many as fit."""
    group: list[str] = []
    held = 0
    for piece, tokens in pieces:
        if group and held + tokens > most:
            yield group
            group, held = [], 0
        group.append(piece)
        held += tokens
    yield group


def _split(text: str, beginning: re.Pattern[str]) -> list[str]:
    places = [each.start() for each in beginning.finditer(text) if each.start() > 0]
    return [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]


def _halves(text: str) -> list[str]:
    """At the space nearest before the middle, or else in the middle."""
    middle = len(text) // 2
    place = text.rfind(" ", 0, middle) + 1 or middle
    return [text[:place], text[place:]]
