"""Text made comparable, so that a search finds it however it is written: capital letters, and characters in parts."""

import unicodedata


def folded(text: str) -> str:
    """The text as it is searched: composed, in small letters, with nothing that a database cannot hold."""
    return _storable(unicodedata.normalize("NFC", text)).casefold()


def place_of(needle: str, text: str) -> tuple[str, int, int] | None:
    """The text, composed, and where a folded needle begins and ends in it; None if it is not there."""
    composed = _storable(unicodedata.normalize("NFC", text))
    small = composed.casefold()
    at = small.find(needle)
    if at < 0:
        return None
    if len(small) == len(composed):
        return composed, at, at + len(needle)
    origins = [index for index, sign in enumerate(composed) for _ in sign.casefold()]
    return composed, origins[at], origins[at + len(needle) - 1] + 1


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
