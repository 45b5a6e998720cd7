"""The token loop: one answer, one token at a time.

    prefill   the prompt goes into the KV cache, in chunks
    step      sample a token, turn its bytes into text, compute it
    force     put text of our own into the answer, as if the model had written it
    hold      from here on, only what a grammar allows; tokens that must follow are taken without being sampled

Three ways to end, each with its own line: an end-of-generation token, the token limit, no more room in the context.
What the text means (thinking, answer, tool calls) is nobody's business here.
"""

import codecs
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from enum import Enum

from qwen3cli.dialogue.events import TokenLogprobs
from qwen3cli.engine.grammar import Matcher
from qwen3cli.engine.kv_cache import KvCache
from qwen3cli.engine.logprobs import LogitsSnapshot
from qwen3cli.engine.sampler import Sampler
from qwen3cli.engine.types import Piece, TokenId
from qwen3cli.engine.vocabulary import Vocabulary


class End(Enum):
    """Why the loop has no more tokens."""

    STOP = "the model ended its turn"
    LENGTH = "the token limit was reached"
    ROOM = "the context is full"


class Generation:
    """One answer in the making. Prefill first, then `step` until it gives an `End`."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        cache: KvCache,
        sampler: Sampler,
        max_tokens: int | None,
        logprobs: int | None = None,
    ) -> None:
        """`logprobs` is how many of the likeliest tokens are told with each that is sampled; None tells nothing."""
        self._vocabulary = vocabulary
        self._cache = cache
        self._sampler = sampler
        self._max_tokens = max_tokens
        self._logprobs = logprobs
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")
        self._matcher: Matcher | None = None
        self._must_follow: deque[TokenId] = deque()  # by the grammar
        self._pending: list[TokenId] = []  # shown, but not yet computed
        self.sampled_tokens = 0
        self.decode_seconds = 0.0

    def prefill(
        self, prompt: Sequence[TokenId], should_stop: Callable[[], bool]
    ) -> Iterator[tuple[int, int]]:
        """Compute the prompt. Yields (tokens done, tokens found in the cache), see `KvCache.prefill`."""
        yield from self._cache.prefill(prompt, should_stop)

    @property
    def room_tokens(self) -> int:
        """How many more tokens can be sampled before the limit or the context's end."""
        in_context = self._cache.limit_tokens - self._cache.used_tokens - len(self._pending)
        if self._max_tokens is None:
            return in_context
        return min(in_context, self._max_tokens - self.sampled_tokens)

    def set_grammar(self, matcher: Matcher) -> None:
        """Allow only what the matcher does, from the next token on."""
        self._matcher = matcher

    def step(self) -> Piece | End:
        """The next token, or why there is none."""
        if self._max_tokens is not None and self.sampled_tokens >= self._max_tokens:
            return End.LENGTH
        logprobs = None
        if self._must_follow:
            token = self._must_follow.popleft()
        else:
            if self._matcher is not None and self._matcher.must_end:
                return End.STOP
            sampled = self._sampled()
            if sampled is None:
                return End.ROOM
            token, logprobs = sampled
            if not self._vocabulary.is_end(token) and self._matcher is not None:
                self._must_follow.extend(self._matcher.take(token))
        self.sampled_tokens += 1
        if self._vocabulary.is_end(token):
            return End.STOP
        self._pending.append(token)
        return Piece(token, self._utf8.decode(self._vocabulary.piece(token)), logprobs=logprobs)

    def force(self, text: str) -> list[Piece]:
        """Continue with `text`, whose markers become their tokens. Empty if the context has no room for it."""
        tokens = self._vocabulary.tokenize(text, control_tokens=True)
        started = time.perf_counter()
        if not self._compute_pending() or not self._cache.append(tokens[:-1]):
            return []
        self.decode_seconds += time.perf_counter() - started
        self._pending = tokens[-1:]
        return [Piece(t, self._utf8.decode(self._vocabulary.piece(t)), forced=True) for t in tokens]

    def flush(self) -> str:
        """What is left of a character cut in half, shown as a replacement character. Call once, at the end."""
        return self._utf8.decode(b"", final=True)

    def _sampled(self) -> tuple[TokenId, TokenLogprobs | None] | None:
        """A token from the logits of the last one; None if the context has no room to compute that."""
        started = time.perf_counter()
        if not self._compute_pending():
            return None
        context, before = self._cache.context, None
        context.check_numbers()
        if self._logprobs is not None:
            before = LogitsSnapshot(self._vocabulary, context, self._logprobs)
        if self._matcher is not None:
            self._matcher.mask(context)
        token = self._sampler.sample(context)
        self.decode_seconds += time.perf_counter() - started
        return token, before.of(token) if before is not None else None

    def _compute_pending(self) -> bool:
        if self._pending and not self._cache.append(self._pending):
            return False
        self._pending = []
        return True
