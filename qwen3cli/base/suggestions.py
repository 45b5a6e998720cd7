"""The nearest of the names that exist, for one that does not."""

import difflib
from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`, perhaps NAME?` with the nearest of those that exist, or nothing."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f", perhaps {near[0]}?" if near else ""
