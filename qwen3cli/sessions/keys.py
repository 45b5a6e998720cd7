"""What a conversation is called: a short word that nobody mixes up, and a title from what was asked first."""

import re
import secrets

# Without letters and digits that look alike; a first letter tells a key from a number.
_LETTERS = "abcdefghijkmnpqrstuvwxyz"
_SIGNS = _LETTERS + "23456789"
_KEY_LENGTH = 5  # twenty million of them
_TITLE_CHARACTERS = 60
_BLANKS = re.compile(r"\s+")


def new_key() -> str:
    """A word for a new conversation."""
    rest = (secrets.choice(_SIGNS) for _ in range(_KEY_LENGTH - 1))
    return secrets.choice(_LETTERS) + "".join(rest)


def title_of(text: str) -> str:
    """The first words, on one line."""
    words = _BLANKS.sub(" ", text[: 4 * _TITLE_CHARACTERS]).strip()
    if len(words) <= _TITLE_CHARACTERS:
        return words or "(nothing)"
    cut = words[:_TITLE_CHARACTERS]
    return f"{cut[: cut.rfind(' ')] if ' ' in cut[_TITLE_CHARACTERS // 2 :] else cut}..."
