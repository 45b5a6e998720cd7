"""The token loop: one answer, one token at a time.

    prefill   the prompt goes into the KV cache, in chunks
    prepare   what was shown goes there too, so that the next token can be sampled
    step      sample a token, and turn its bytes into text
    force     put text of our own into the answer, as if the model had written it
    hold      from here on, only what a grammar allows; tokens that must follow are taken without being sampled
    release   from here on, anything again

A generation does not compute: its sequence does, at once where there is one (`kv_cache`), or together with others
(`batch`). So between `prepare` and `step` it may have to wait.

Three ways to end, each with its own line: an end-of-generation token, the token limit, no more room in the context.
What the text means (thinking, answer, tool calls) is nobody's business here.
"""

import codecs
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import Protocol

from qwen3cli.dialogue.events import TokenLogprobs
from qwen3cli.engine.grammar import Matcher
from qwen3cli.engine.logits import Logits
from qwen3cli.engine.logprobs import LogitsSnapshot
from qwen3cli.engine.sampler import Sampler
from qwen3cli.engine.types import Piece, TokenId
from qwen3cli.engine.vocabulary import Vocabulary


class End(Enum):
    """Why the loop has no more tokens."""

    STOP = "the model ended its turn"
    LENGTH = "the token limit was reached"
    ROOM = "the context is full"


class TokenSequence(Protocol):
    """A list of tokens that can be continued, and what the model makes of it."""

    @property
    def limit_tokens(self) -> int:
        """How long it can become."""

    @property
    def used_tokens(self) -> int:
        """How long it is."""

    @property
    def saved_tokens(self) -> int:
        """How many of the prompt came from the disk."""

    @property
    def is_short_of_memory(self) -> bool:
        """Whether memory and not the model limits it."""

    @property
    def is_computed(self) -> bool:
        """Whether all of it was computed; else somebody will, and asks again."""

    @property
    def logits(self) -> Logits:
        """Of the token that may follow, once it is computed."""

    def prefill(
        self, prompt: Sequence[TokenId], should_stop: Callable[[], bool]
    ) -> Iterator[tuple[int, int]]:
        """Become `prompt`. Yields (tokens done, tokens that were there already)."""

    def append(self, tokens: Sequence[TokenId]) -> bool:
        """Continue. False if there is no room, and nothing was changed."""


class Generation:
    """One answer in the making. Prefill first, then `prepare` and `step` in turn until that gives an `End`."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        sequence: TokenSequence,
        sampler: Sampler,
        max_tokens: int | None,
        logprobs: int | None = None,
    ) -> None:
        """`logprobs` is how many of the likeliest tokens are told with each that is sampled; None tells nothing."""
        self._vocabulary = vocabulary
        self._sequence = sequence
        self._sampler = sampler
        self._max_tokens = max_tokens
        self._logprobs = logprobs
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")
        self._matcher: Matcher | None = None
        self._way_out: TokenId | None = None  # a first token that is not held
        self._must_follow: deque[TokenId] = deque()  # by the grammar
        self._pending: list[TokenId] = []  # shown, but not yet part of the sequence
        self._has_room = True
        self._since: float | None = None  # when the next token was first asked for
        self.sampled_tokens = 0
        self.decode_seconds = 0.0

    def prefill(
        self, prompt: Sequence[TokenId], should_stop: Callable[[], bool]
    ) -> Iterator[tuple[int, int]]:
        """Compute the prompt. Yields (tokens done, tokens that were there already)."""
        yield from self._sequence.prefill(prompt, should_stop)

    @property
    def is_computed(self) -> bool:
        """Whether nothing is to be waited for."""
        return self._sequence.is_computed

    @property
    def room_tokens(self) -> int:
        """How many more tokens can be sampled before the limit or the context's end."""
        in_context = self._sequence.limit_tokens - self._sequence.used_tokens - len(self._pending)
        if self._max_tokens is None:
            return in_context
        return min(in_context, self._max_tokens - self.sampled_tokens)

    def hold(self, matcher: Matcher, way_out: TokenId | None = None) -> None:
        """Allow only what the matcher does, from the next token on; if that is `way_out`, anything may follow it."""
        self._matcher, self._way_out = matcher, way_out

    def release(self) -> None:
        """Allow everything again."""
        self._matcher = self._way_out = None
        self._must_follow.clear()

    @property
    def is_held(self) -> bool:
        """Whether a grammar holds what comes next."""
        return self._matcher is not None

    def prepare(self) -> bool:
        """Have computed what the next token needs. False as long as it is to be waited for; ask again then."""
        if self._must_follow or self._is_over:
            return True
        self._since = self._since or time.perf_counter()
        self._has_room = self._hand_over()
        return self._sequence.is_computed

    def step(self) -> Piece | End:
        """The next token, or why there is none. Needs to be prepared."""
        if self._is_at_limit:
            return End.LENGTH
        logprobs = None
        if self._must_follow:
            token = self._must_follow.popleft()
        elif self._is_over:
            return End.STOP
        elif not self._has_room:
            return End.ROOM
        else:
            token, logprobs = self._sampled()
            self._follow_grammar(token)
        self.sampled_tokens += 1
        if self._vocabulary.is_end(token):
            return End.STOP
        self._pending.append(token)
        return Piece(token, self._utf8.decode(self._vocabulary.piece(token)), logprobs=logprobs)

    def force(self, text: str) -> list[Piece]:
        """Continue with `text`, whose markers become their tokens. Empty if the context has no room for it."""
        tokens = self._vocabulary.tokenize(text, control_tokens=True)
        started = time.perf_counter()
        if not self._hand_over() or not self._sequence.append(tokens[:-1]):
            return []
        self.decode_seconds += time.perf_counter() - started
        self._pending = tokens[-1:]
        return [Piece(t, self._utf8.decode(self._vocabulary.piece(t)), forced=True) for t in tokens]

    def flush(self) -> str:
        """What is left of a character cut in half, shown as a replacement character. Call once, at the end."""
        return self._utf8.decode(b"", final=True)

    @property
    def _is_at_limit(self) -> bool:
        return self._max_tokens is not None and self.sampled_tokens >= self._max_tokens

    @property
    def _is_over(self) -> bool:
        """Whether no token will be sampled any more, whatever the model says."""
        return self._is_at_limit or (self._matcher is not None and self._matcher.must_end)

    def _sampled(self) -> tuple[TokenId, TokenLogprobs | None]:
        """A token from the logits of the last one."""
        logits, before = self._sequence.logits, None
        logits.check_numbers()
        if self._logprobs is not None:
            before = LogitsSnapshot(self._vocabulary, logits, self._logprobs)
        if self._matcher is not None:
            self._matcher.mask(logits, besides=self._way_out)
        token = self._sampler.sample(logits)
        now = time.perf_counter()
        self.decode_seconds += now - (self._since or now)
        self._since = None
        return token, before.of(token) if before is not None else None

    def _follow_grammar(self, token: TokenId) -> None:
        if token == self._way_out:
            self.release()
        elif self._matcher is not None and not self._vocabulary.is_end(token):
            self._must_follow.extend(self._matcher.take(token))
        self._way_out = None

    def _hand_over(self) -> bool:
        """Give the sequence what was shown. False if it has no room."""
        if not self._sequence.append(self._pending):
            return False
        self._pending = []
        return True
