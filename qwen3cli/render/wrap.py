"""Styled text broken into rows of a width, between words where there are any."""

import io
from dataclasses import dataclass
from functools import cache

from rich.console import Console
from rich.text import Text

TAB_CELLS = 8  # as every terminal has it


@dataclass(frozen=True, slots=True)
class Rows:
    """What there is to draw now: rows that are finished, and below them the ones that may still change."""

    finished: list[Text]
    live: list[Text]


def wrapped_text(text: Text, width: int) -> list[Text]:
    """The rows of a text, none wider than `width`. Only white space where a row ends is left out."""
    return list(text.wrap(_console(), width, overflow="fold", tab_size=TAB_CELLS)) or [Text()]


@cache
def _console() -> Console:
    """Rich asks it for defaults; nothing is written to it."""
    return Console(file=io.StringIO())
