"""What two readers make of a page of a PDF, compared by its letters: one may lose some, or take them for others.

Knows text alone.
"""

import unicodedata
from collections import Counter

# Of the letters that one reader finds the other has nearly all, where both can read a page. Where the fonts of a page do not
# say what their letters mean it has half of them at most (seen on 100 PDFs in ten scripts).
_LEAST_SHARED = 0.9
_MOST_TIMES_LONGER = (
    2.0  # addresses of links make a page longer; a letter drawn many times, longer still
)
# A page with more signs than this that are in no alphabet was not read.
_MOST_MEANINGLESS = 0.05
_MEANINGLESS = ("Cc", "Co", "Cn")  # controls, private use, unassigned
_LAYOUT = "\n\t\f"
_SOFT_HYPHEN = "\ufffe"  # PDFium's sign for a hyphen at the end of a line
_REPLACED = "\ufffd"


def agrees(text: str, plain: str) -> bool:
    """Whether a text has the letters that a plain reading of the page has, in whatever order."""
    letters, wanted = _letters(text), _letters(plain)
    shared = (letters & wanted).total()
    is_whole = shared >= _LEAST_SHARED * wanted.total()
    return is_whole and (not wanted or letters.total() <= _MOST_TIMES_LONGER * wanted.total())


def legible(plain: str) -> str:
    """A plain reading with words as they are, or nothing where it is no text."""
    text = plain.replace("\r\n", "\n").replace(_SOFT_HYPHEN, "").strip()
    meaningless = sum(map(_is_meaningless, text))
    return "" if meaningless > _MOST_MEANINGLESS * len(text) else text


def _letters(text: str) -> Counter[str]:
    return Counter(each for each in unicodedata.normalize("NFKC", text) if each.isalnum())


def _is_meaningless(character: str) -> bool:
    return character == _REPLACED or (
        unicodedata.category(character) in _MEANINGLESS and character not in _LAYOUT
    )
