"""How a running turn is asked to stop, or to think less or more: questions, polled once a token and once a prefill chunk.

The engine and the turn know only `Control`. Who answers (a signal handler, a key watch, a test) is not their business.
"""

from typing import Protocol


class Control(Protocol):
    """Asked often, from the thread that decodes; must answer at once."""

    def should_stop(self) -> bool:
        """Whether to end the turn now and keep what came."""

    def should_skip_thinking(self) -> bool:
        """Whether to close the thinking block now and answer. Stays true until the turn ends."""

    def thinking_budget(self) -> int | None:
        """How many tokens may be thought in all, if that was changed since the turn began."""


class NoControl:
    """Nobody interferes."""

    def should_stop(self) -> bool:
        """Never."""
        return False

    def should_skip_thinking(self) -> bool:
        """Never."""
        return False

    def thinking_budget(self) -> None:
        """Never changed."""
