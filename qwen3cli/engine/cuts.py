"""Where a text may be cut so that its parts, tokenized one by one, give the tokens of the whole.

llama.cpp first takes the texts out that are one token as they stand, markers and stock phrases, longest first. The rest it
splits into words by a regular expression, the pre-tokenizer's, and merges bytes inside a word only. So a cut changes
nothing where two words meet whatever stands around them, if no such text stands across it; nor behind such a text, if
no other of its length or more overlaps it.

Where words meet for certain is known of each pre-tokenizer or not at all: then the text is one part.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

# llama.cpp's time grows with the square of the whole texts it finds in a part, so parts are small.
PART_CHARACTERS = 8192
# Candidates to look at before going on by the length of a part.
_TRIES = 20

# A letter and what can be none; a digit, which is always a word of its own; a line's end and what is no white space. A few
# letters and characters are enough: those of which Unicode's tables have never disagreed.
_LETTER = "A-Za-z\u4e00-\u9fa5"
_NO_LETTER = r"\x00-@\[-`{-\x7f、。，"
_QWEN = re.compile(rf"[{_LETTER}](?=[{_NO_LETTER}])|[0-9]|\n(?=[!-~{_LETTER}])")
_WORD_ENDS = {"qwen2": _QWEN, "qwen35": _QWEN}


class Cutter:
    """Cuts texts for one vocabulary, of which it knows the pre-tokenizer's name and the texts that stay whole."""

    def __init__(self, pre_tokenizer: str, whole_texts: Sequence[str]) -> None:
        self._word_end = _WORD_ENDS.get(pre_tokenizer)
        self._wholes = [(text, len(text.encode())) for text in whole_texts]

    def parts(self, text: str) -> Iterator[str]:
        """The text in parts, most of them not much longer than `PART_CHARACTERS`."""
        start = 0
        while start < len(text):
            end = self._next_cut(text, start + PART_CHARACTERS)
            yield text[start:end]
            start = end

    def _next_cut(self, text: str, at: int) -> int:
        """The first safe place from `at` on, or the end of the text."""
        if self._word_end is None:
            return len(text)
        while at < len(text):
            until = at + PART_CHARACTERS
            for place in (
                *self._ends_of_words(text, at, until),
                *self._ends_of_wholes(text, at, until),
            ):
                if not self._stands_across(text, place):
                    return place
            at = until
        return len(text)

    def _ends_of_words(self, text: str, at: int, until: int) -> Iterator[int]:
        assert self._word_end is not None
        return (match.end() for match in islice(self._word_end.finditer(text, at, until), _TRIES))

    def _ends_of_wholes(self, text: str, at: int, until: int) -> Iterator[int]:
        found = ((text.find(whole, at, until), whole, size) for whole, size in self._wholes)
        for start, whole, size in sorted(each for each in found if each[0] >= 0)[:_TRIES]:
            if self._is_taken(text, start, whole, size):
                yield start + len(whole)

    def _stands_across(self, text: str, place: int) -> bool:
        return any(
            text.find(whole, max(0, place - len(whole) + 1), place + len(whole) - 1) >= 0
            for whole, _ in self._wholes
        )

    def _is_taken(self, text: str, start: int, whole: str, size: int) -> bool:
        """Whether this text is surely taken out here: nothing that goes before it overlaps it."""
        for other, other_size in self._wholes:
            if other_size < size:
                continue
            until = start + len(whole) + len(other) - 1
            at = text.find(other, max(0, start - len(other) + 1), until)
            while at >= 0:
                if (at, other) != (start, whole):
                    return False
                at = text.find(other, at + 1, until)
        return True
