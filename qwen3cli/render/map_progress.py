"""How far many items are: one line on standard error with a bar, the rate and the time left."""

import time

from qwen3cli.base.environment import Environment
from qwen3cli.base.units import count_text, rate_text, seconds_text
from qwen3cli.render.status import StatusLine

_BAR_COLUMNS = 20


class MapProgress:
    """Leave it by `with`, and `clear` it before anything else is printed on the same terminal."""

    def __init__(self, environment: Environment, total: int, done: int, *, quiet: bool) -> None:
        """`done` of the `total` items were done before."""
        self._status = StatusLine(environment, quiet=quiet)
        self._shares_terminal = environment.stdout_is_terminal
        self._total = total
        self._before = done
        self._started = time.monotonic()
        self.done = done
        self.tokens = 0

    def show(self) -> None:
        """Draw it as it is now."""
        seconds = max(time.monotonic() - self._started, 1e-9)
        share = self.done / self._total if self._total else 1.0
        bar = ("=" * round(share * _BAR_COLUMNS)).ljust(_BAR_COLUMNS)
        rate = (self.done - self._before) / seconds
        left = f", {seconds_text((self._total - self.done) / rate)} left" if rate else ""
        self._status.show(
            f"[{bar}] {count_text(self.done)} of {count_text(self._total)} items,"
            f" {rate:.2f} a second{left}, {rate_text(self.tokens / seconds)}"
        )

    def clear(self) -> None:
        """Take it away, if what is to be printed goes to the same place."""
        if self._shares_terminal:
            self._status.clear()

    def close(self) -> None:
        """Take it away."""
        self._status.clear()
