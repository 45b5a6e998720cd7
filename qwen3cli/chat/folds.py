"""Long texts in the line, each folded to one character that the editor shows as `[2,200 lines pasted]`.

A line is what the editor holds: typed text with such characters in it. `unfold` makes the whole text of it, and
`fold_again` a line of a text that comes back. Knows no terminal.
"""

# What half of a terminal of 80 columns and 24 rows holds.
_MOST_LINES = 10
_MOST_CHARACTERS = 1000
# Unicode's last private plane, from its end: characters that nobody types, and that no font shows.
_LAST = 0x10FFFD
_FIRST = 0x100000


class Folds:
    """The folded texts of one chat. They are kept to its end, since the history may bring any of them back."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._labels: dict[str, str] = {}

    def fold(self, text: str, what: str) -> str:
        """The text as it stands in a line: one character if it is long. `what` says how it came."""
        if not _is_long(text) or len(self._texts) > _LAST - _FIRST:
            return text
        character = chr(_LAST - len(self._texts))
        lines = _lines(text)
        size = f"{lines:,} lines" if lines > 1 else f"{len(text):,} characters"
        self._texts[character], self._labels[character] = text, f"[{size}{what}]"
        return character

    def fold_again(self, text: str) -> str:
        """A line of a text that was typed before: what was folded in it is so again."""
        line = text
        for character, folded in self._texts.items():
            line = line.replace(folded, character)
        return self.fold(text, "") if _is_long(line) else line

    def unfold(self, line: str) -> str:
        """The whole text of a line."""
        return "".join(self._texts.get(character, character) for character in line)

    def label(self, character: str) -> str | None:
        """What is shown for a character of a line, if a text is folded in it."""
        return self._labels.get(character)


def _is_long(text: str) -> bool:
    return len(text) > _MOST_CHARACTERS or _lines(text) > _MOST_LINES


def _lines(text: str) -> int:
    return text.count("\n") + (not text.endswith("\n"))
