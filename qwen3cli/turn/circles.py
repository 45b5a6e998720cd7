"""Whether what a grammar holds will ever end: a weak model fills a string, or a list, with the same words for good.

Nobody holds it to an end where the grammar does not. Knows tokens alone; free text, which a person reads as it comes, is not
watched.
"""

from qwen3cli.turn.thinking import is_repeating

# A list of 500 zeros may be what was asked for; thoughts are watched far more closely.
_LEAST_TOKENS = 1024
_CHECK_EVERY_TOKENS = 32


class CirclesWatch:
    """Watches one turn's held tokens. `found` is true once they repeat themselves."""

    def __init__(self) -> None:
        self._tokens: list[int] = []
        self.found = False

    def see(self, token: int, *, is_held: bool) -> None:
        """Take the next token."""
        if not is_held:
            self._tokens.clear()
            return
        self._tokens.append(token)
        if len(self._tokens) % _CHECK_EVERY_TOKENS == 0:
            self.found = is_repeating(self._tokens, _LEAST_TOKENS)
