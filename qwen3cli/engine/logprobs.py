"""How likely the model found a token, and which others it would rather have said.

Taken from the logits as the model gave them, before temperature, penalties and grammars.
"""

from typing import Any

from qwen3cli.dialogue.events import Candidate, TokenLogprobs
from qwen3cli.engine.logits import Logits
from qwen3cli.engine.types import TokenId
from qwen3cli.engine.vocabulary import Vocabulary


class LogitsSnapshot:
    """The logits of a token, read before anything changes them."""

    def __init__(self, vocabulary: Vocabulary, row: Logits, count: int) -> None:
        """`count` is how many of the likeliest tokens are told beside the one that is chosen."""
        import numpy as np

        logits = row.values()
        highest = float(logits.max())
        total = highest + float(np.log(np.exp(logits - highest).sum(dtype=np.float64)))
        likeliest = np.argpartition(logits, -count)[-count:].tolist() if count else []
        ranked = sorted(likeliest, key=lambda token: -float(logits[token]))
        self._vocabulary = vocabulary
        self._logits: Any = logits
        self._total = total
        self._top = tuple(self._candidate(TokenId(token)) for token in ranked)

    def of(self, token: TokenId) -> TokenLogprobs:
        """For the token that was chosen."""
        return TokenLogprobs(self._candidate(token), self._top)

    def _candidate(self, token: TokenId) -> Candidate:
        logprob = float(self._logits[token]) - self._total
        return Candidate(self._vocabulary.piece(token), logprob)
