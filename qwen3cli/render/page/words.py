"""The few words of a page that are its own, and how numbers are written, in the language of what it shows; else English.

They stand in `assets/words.json`: for each language `group` and `decimal`, the marks of its numbers, and its words.
"""

import json
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).parent / "assets" / "words.json"
_FALLBACK = "en"
_DECIMALS = (
    6  # as many as a figure in a text has, and few enough to hide the errors of binary fractions
)


@dataclass(frozen=True, slots=True)
class Words:
    """One language's words, by name: `words["contents"]`. `language` is the one they are in."""

    language: str
    _words: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self._words[name]

    def number(self, value: float) -> str:
        """A number with the marks of the language."""
        # Beyond that a float has no digits that mean anything, and the number no name.
        text = f"{value:,.{_DECIMALS}f}" if abs(value) < 1e15 else f"{value:.3g}"
        text = text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
        marks = {",": self["group"], ".": self["decimal"], "-": "−"}
        return "".join(marks.get(each, each) for each in text)


def words_of(language: str) -> Words:
    """The words for a language."""
    known: dict[str, dict[str, str]] = json.loads(_FILE.read_text(encoding="utf-8"))
    primary = language.partition("-")[0]
    chosen = primary if primary in known else _FALLBACK
    return Words(chosen, known[chosen])
