"""Where a text differs from another, word by word, as styles on it."""

import re
from difflib import SequenceMatcher

from rich.text import Text

from qwen3cli.render import theme

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
# The comparison takes time in the square of the words; beyond these nothing is marked.
_MOST_WORDS = 3000


def different_spans(text: str, other: str) -> list[tuple[int, int]]:
    """The stretches of `text`, from and to, that have no counterpart in `other`; none where both are too long."""
    words, others = _WORDS.findall(text), _WORDS.findall(other)
    if max(len(words), len(others)) > _MOST_WORDS:
        return []
    ends = [0]
    for word in words:
        ends.append(ends[-1] + len(word))
    blocks = SequenceMatcher(None, words, others, autojunk=False).get_opcodes()
    return [(ends[a], ends[b]) for kind, a, b, _, _ in blocks if kind in ("replace", "delete")]


def marked(text: str, other: str) -> Text:
    """The text, with what is not in `other` marked."""
    styled = Text(text)
    for start, end in different_spans(text, other):
        styled.stylize(theme.DIFFERENT, start, end)
    return styled
