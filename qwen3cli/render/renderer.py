"""What every view of a turn can do."""

from enum import StrEnum
from typing import Protocol

from qwen3cli.dialogue.events import Event


class Thoughts(StrEnum):
    """What is shown of the thoughts."""

    SHOW = "show"  # all of them, for good
    FOLD = "fold"  # their end while they run, then one line
    HIDE = "hide"  # that there are some, then one line


class Renderer(Protocol):
    """Shows one turn, event by event. `close` comes last, also when the turn was broken off."""

    def handle(self, event: Event) -> None:
        """Show one event."""

    def close(self) -> None:
        """Settle what is still open."""
