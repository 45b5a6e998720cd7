"""Several answers to one question: what a view of them can do, and the one that shows them below each other."""

from typing import Protocol

from qwen3cli.base.environment import Environment
from qwen3cli.base.plaintext import visible
from qwen3cli.dialogue.events import Event
from qwen3cli.render.live import LiveRenderer
from qwen3cli.render.plain import PlainRenderer
from qwen3cli.render.renderer import Renderer, Thoughts

_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"


class ComparisonView(Protocol):
    """Shows the answers of several ways, one after the other."""

    def begin(self, label: str) -> None:
        """The next way answers from now on."""

    def handle(self, event: Event) -> None:
        """Show one of its events."""

    def end(self, figures: str) -> None:
        """It is done; `figures` is a line about it."""

    def close(self) -> None:
        """Settle what is still open."""


class SilentView:
    """Shows nothing: what came is printed in another form."""

    def begin(self, label: str) -> None:
        """Nothing."""

    def handle(self, event: Event) -> None:
        """Nothing."""

    def end(self, figures: str) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class StackedView:
    """One answer below the other, each under its way, as it comes; thoughts are folded."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._renderer: Renderer | None = None
        self._begun = False

    def begin(self, label: str) -> None:
        """A heading, and a view for what comes."""
        gap = "\n" if self._begun else ""
        self._begun = True
        out, color = self._environment.stdout, self._environment.stdout_has_color()
        heading = f"## {visible(label)}"
        out.draw(f"{gap}{_BOLD}{heading}{_PLAIN}\n\n" if color else f"{gap}{heading}\n\n")
        drawn = self._environment.stdout_is_terminal and self._environment.terminal_draws
        self._renderer = (
            LiveRenderer(self._environment, Thoughts.FOLD)
            if drawn
            else PlainRenderer(self._environment, out, show_thoughts=False)
        )

    def handle(self, event: Event) -> None:
        """Show it as a turn alone would be shown."""
        if self._renderer is not None:
            self._renderer.handle(event)

    def end(self, figures: str) -> None:
        """End the answer; on a terminal the figures stand below it."""
        self.close()
        environment = self._environment
        dim, plain = (_DIM, _PLAIN) if environment.stderr_has_color() else ("", "")
        if environment.stderr_is_terminal:
            environment.stderr.draw(f"{dim}{visible(figures)}{plain}\n")

    def close(self) -> None:
        """End an answer that was broken off."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None
