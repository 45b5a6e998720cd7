"""A sequence that guesses how it goes on: what followed the last tokens before may follow them again.

A guess is computed with the token in front of it in one batch, which costs far less than its tokens one by one. The answer
is sampled from the same logits as without, row by row; where it parts from the guess, the rest is dropped. So the tokens
are the same, but for the last bits of a number, which the kernels for one token and for several round differently.

Knows tokens and durations; whether and how far to guess is `pace`'s to say, and where from `lookup`'s.
"""

import time
from collections.abc import Callable, Iterator, Sequence

from qwen3cli.engine.kv_cache import KvCache, common_length
from qwen3cli.engine.logits import LAST, Logits
from qwen3cli.engine.lookup import Lookup
from qwen3cli.engine.pace import Pace
from qwen3cli.engine.types import TokenId


class DraftingSequence:
    """A KV cache that holds what was appended, and for a while a draft behind it. For one answer."""

    def __init__(self, cache: KvCache, pace: Pace | None = None) -> None:
        """`pace` says how long drafts are; without one it is measured."""
        self._cache = cache
        self._lookup = Lookup()
        self._pace = pace or Pace()
        self._draft: list[TokenId] = []  # what is computed and was not yet appended
        self._row = LAST  # of the last batch: the logits behind what was appended
        self._open: tuple[int, int, float] | None = None  # the draft's match, length and seconds
        self._may_draft = True
        self.drafted_tokens = self.accepted_tokens = 0

    @property
    def limit_tokens(self) -> int:
        """How long it can become."""
        return self._cache.limit_tokens

    @property
    def used_tokens(self) -> int:
        """How long it is, without the draft."""
        return self._cache.used_tokens - len(self._draft)

    @property
    def saved_tokens(self) -> int:
        """How many of the prompt came from the disk."""
        return self._cache.saved_tokens

    @property
    def is_short_of_memory(self) -> bool:
        """Whether memory and not the model limits it."""
        return self._cache.is_short_of_memory

    @property
    def is_computed(self) -> bool:
        """Whether everything appended was computed: here it is at once."""
        return True

    @property
    def logits(self) -> Logits:
        """Of the token that may follow the last one appended."""
        return Logits(self._cache.context, self._row)

    def prefill(
        self, prompt: Sequence[TokenId], should_stop: Callable[[], bool]
    ) -> Iterator[tuple[int, int]]:
        """Become `prompt`, as `KvCache.prefill` does."""
        self._lookup.extend(prompt)
        yield from self._cache.prefill(prompt, should_stop)

    def append(self, tokens: Sequence[TokenId]) -> bool:
        """Continue. What the draft has of it is computed already. False if there is no room for the rest."""
        guessed = common_length(self._draft, tokens)
        del self._draft[:guessed]
        self.accepted_tokens += guessed
        self._row += guessed
        self._lookup.extend(tokens[:guessed])
        rest = tokens[guessed:]
        if not rest:
            return True
        self._settle()
        if not self._drop_draft():
            return False
        self._lookup.extend(rest)
        return self._compute(rest)

    def _compute(self, tokens: Sequence[TokenId]) -> bool:
        match, draft = self._next_draft() if len(tokens) == 1 else (0, [])
        started = time.perf_counter()
        if not self._cache.append([*tokens, *draft], outputs=1 + len(draft)):
            draft = []  # memory may have refused the room for it alone
            if not self._cache.append(tokens):
                return False
        seconds = time.perf_counter() - started
        self._pace.measured(len(tokens) + len(draft), seconds)
        self._draft, self._row = draft, 0 if draft else LAST
        self.drafted_tokens += len(draft)
        if draft:
            self._open = match, len(draft), seconds
        return True

    def _next_draft(self) -> tuple[int, list[TokenId]]:
        """The length of the match, and the tokens to check behind it."""
        if not self._may_draft:
            return 0, []
        place, match = self._lookup.match()
        wanted = self._pace.draft_tokens(match) if match else 0
        room = self._cache.limit_tokens - self._cache.used_tokens - 1
        return match, self._lookup.tokens[place : place + max(0, min(wanted, room))]

    def _settle(self) -> None:
        """What the last draft came to is known."""
        if self._open is not None:
            match, length, seconds = self._open
            self._pace.checked(match, length, length - len(self._draft), seconds)
            self._open = None

    def _drop_draft(self) -> bool:
        """Forget what did not come true. A model that cannot is given everything once more, and no further draft."""
        if not self._draft:
            return True
        length = self.used_tokens
        self._draft = []
        if self._cache.cut(length):
            return True
        self._may_draft = False
        return self._cache.append(self._lookup.tokens)
