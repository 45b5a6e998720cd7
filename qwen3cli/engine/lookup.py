"""Where the last tokens of a text stood before in it, and what followed them there.

Every run of `_RUN_TOKENS` is kept by its content as tokens come, so that finding one costs the same however long the text is.
"""

from collections.abc import Sequence

from qwen3cli.engine.types import TokenId

# Shorter runs are found everywhere, and what followed them says little.
_RUN_TOKENS = 3
# How far back a match is followed: a longer one is no more certain.
LONGEST_MATCH_TOKENS = 32


class Lookup:
    """A text that grows, and the places of its runs."""

    def __init__(self) -> None:
        self.tokens: list[TokenId] = []
        self._behind: dict[tuple[TokenId, ...], int] = {}  # the last place behind each run

    def extend(self, tokens: Sequence[TokenId]) -> None:
        """The text goes on."""
        for token in tokens:
            self._behind[self._last_run()] = len(self.tokens)
            self.tokens.append(token)

    def match(self) -> tuple[int, int]:
        """The place behind the last earlier occurrence of the text's end, and how many tokens match. (0, 0): none."""
        place = self._behind.get(self._last_run(), 0)
        if place < _RUN_TOKENS:
            return 0, 0
        length, end = _RUN_TOKENS, len(self.tokens)
        while length < min(place, LONGEST_MATCH_TOKENS) and (
            self.tokens[place - length - 1] == self.tokens[end - length - 1]
        ):
            length += 1
        return place, length

    def _last_run(self) -> tuple[TokenId, ...]:
        return tuple(self.tokens[-_RUN_TOKENS:])
