"""What every view of a turn can do."""

from typing import Protocol

from qwen3cli.events import Event


class Renderer(Protocol):
    """Shows one turn, event by event. `close` comes last, also when the turn was broken off."""

    def handle(self, event: Event) -> None:
        """Show one event."""

    def close(self) -> None:
        """Settle what is still open."""
