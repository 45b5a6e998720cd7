"""The KV cache as what it means: a list of tokens already computed.

It keeps what a new prompt shares with the last one, computes the rest in chunks that can be cancelled, and grows when
it is full. Growing is exact: the state moves to a larger context bit by bit (30 ms each way for 344 MB), which beats
making every context large from the start (at 40,960 tokens: 11 s and 5.1 GB for a 0.6B model).

Knows tokens; knows nothing of text, messages or sampling.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from qwen3cli.base.errors import DoesNotFit, PromptTooLong
from qwen3cli.base.units import bytes_text
from qwen3cli.engine.llama import Context, Model, Part
from qwen3cli.engine.logits import Logits
from qwen3cli.engine.saved_kv import SavedKv
from qwen3cli.engine.types import TokenId
from qwen3cli.machine.attention import CHUNK_TOKENS
from qwen3cli.machine.plan import Plan

# A context starts with the prompt and this much room, then doubles: a short answer never pays for a long one.
_FIRST_ROOM_TOKENS = 512
# More room is asked for while there is still this much: if memory refuses, an answer can end in it.
_AHEAD_TOKENS = 256
# llama.cpp pads the cache to multiples of this.
_GRAIN_TOKENS = 256
# The first chunk of a prompt is this small and each next one twice as large, so that progress moves early on any machine.
_FIRST_CHUNK_TOKENS = 32
_ONE_SEQUENCE = 0


class KvCache:
    """One conversation's tokens in memory. Close it, or use it in `with`."""

    def __init__(
        self,
        model: Model,
        plan: Plan,
        may_grow_to: Callable[[int], bool] = lambda _tokens: True,
        saved: SavedKv | None = None,
    ) -> None:
        """`may_grow_to` is asked before a context of that many tokens is made, and says no if memory is short. `saved` is
        what prompts are taken back from and written to; None: they are computed."""
        self._model = model
        self._plan = plan
        self._may_grow_to = may_grow_to
        self._context: Context | None = None
        self._saved = saved
        self._prompt_tokens = 0  # how many of the tokens are the last prompt
        self._prompt_seconds = 0.0  # for how long prompts were computed that are not on the disk
        self.saved_tokens = 0  # how many of the last prompt came from there
        self._tokens: list[TokenId] = []
        self.limit_tokens = plan.limit_tokens  # lower once memory has refused a longer one

    @property
    def is_short_of_memory(self) -> bool:
        """Whether memory and not the model limits the context."""
        return self.limit_tokens < self._plan.limit_tokens

    @property
    def used_tokens(self) -> int:
        """How many tokens are in the cache."""
        return len(self._tokens)

    @property
    def context(self) -> Context:
        """The context that holds the last logits."""
        assert self._context is not None, "prefill comes first"
        return self._context

    @property
    def is_computed(self) -> bool:
        """Whether everything appended was computed: here it is at once."""
        return True

    @property
    def logits(self) -> Logits:
        """Of the token that may follow the last one."""
        return Logits(self.context)

    def close(self) -> None:
        """Give the memory back."""
        if self._saved is not None:
            self._saved.finish()
        if self._context is not None:
            self._context.close()
            self._context = None
        self._tokens.clear()

    def prefill(
        self, prompt: Sequence[TokenId], should_stop: Callable[[], bool]
    ) -> Iterator[tuple[int, int]]:
        """Make the cache hold exactly `prompt`, with logits for its last token.

        Yields (tokens done, tokens found in the cache) after every chunk; at least once, before the first chunk.
        If `should_stop` turns true it ends early and the cache holds what was finished.

        Raises:
            PromptTooLong: the prompt and one token of answer do not fit the limit. Nothing was computed.
            DoesNotFit: the memory for it could not be had.
        """
        self.check_length(len(prompt))
        self._recall(prompt)
        cached, started = self.used_tokens, time.perf_counter()
        yield cached, cached
        context = self.context
        context.abort_when(should_stop)
        chunk_tokens = _FIRST_CHUNK_TOKENS
        try:
            while self.used_tokens < len(prompt) and not should_stop():
                if len(prompt) - self.used_tokens <= 2 * chunk_tokens:
                    chunk_tokens = (
                        CHUNK_TOKENS  # no tiny last chunk: each one reads all weights again
                    )
                chunk = prompt[self.used_tokens : self.used_tokens + chunk_tokens]
                if not self._compute(chunk):
                    return
                yield self.used_tokens, cached
                chunk_tokens = min(2 * chunk_tokens, CHUNK_TOKENS)
        finally:
            context.abort_when(None)
            self._prompt_seconds += time.perf_counter() - started

    def save(self, *, wait: bool) -> list[str]:
        """Have the last prompt written to the disk if that pays: now, or until the next prompt comes. Returns what went
        wrong with the disk since this was last asked.

        The answer goes from the cache. Templates repeat an answer otherwise than it was computed, Qwen3's without its
        thoughts, so that it would be computed again all the same.
        """
        if self._saved is None or self._context is None:
            return []
        prompt = self._tokens[: self._prompt_tokens]
        size = self._context.state_bytes * len(prompt) // max(1, self.used_tokens)
        if self._saved.pays(prompt, size, self._prompt_seconds):
            self._prompt_seconds = 0.0
            if self._context.forget_from(len(prompt)):
                self._tokens = prompt
                self._saved.write(self._context, prompt)
            else:
                self._tokens.clear()
        if wait:
            self._saved.finish()
        return self._saved.remarks()

    def append(self, tokens: Sequence[TokenId]) -> bool:
        """Compute more tokens at the end. False if there is no room for them, and nothing was computed."""
        if not tokens:  # and the last logits stay
            return True
        wanted = self.used_tokens + len(tokens)
        self._grow_ahead(wanted)
        if wanted > self.limit_tokens:
            return False
        chunks = range(0, len(tokens), CHUNK_TOKENS)
        return all(self._compute(tokens[at : at + CHUNK_TOKENS]) for at in chunks)

    def _grow_ahead(self, wanted_tokens: int) -> None:
        """Have room before it is used up; where memory refuses, what there is becomes the limit."""
        try:
            self._make_room(min(wanted_tokens + _AHEAD_TOKENS, self.limit_tokens))
        except DoesNotFit:
            self.limit_tokens = self.context.size_tokens

    def _compute(self, tokens: Sequence[TokenId]) -> bool:
        start = self.used_tokens
        if self.context.decode(Part(_ONE_SEQUENCE, start, tokens)):
            self._tokens.extend(tokens)
            return True
        if not self.context.forget_from(start):
            self._tokens.clear()
        return False

    def check_length(self, prompt_tokens: int, *, exact: bool = True) -> None:
        """Whether so many tokens and one of answer can be held; not `exact`: there are more, but at least so many.

        Raises:
            PromptTooLong: they cannot.
        """
        self.limit_tokens = self._plan.limit_tokens
        if prompt_tokens < self.limit_tokens:
            return
        count = f"{'' if exact else 'at least '}{prompt_tokens:,}"
        raise PromptTooLong(
            f"the prompt has {count} tokens, the context holds {self.limit_tokens:,}"
            " with room for an answer included",
            self._advice(prompt_tokens),
        )

    def _advice(self, prompt_tokens: int) -> str:
        wanted = padded(prompt_tokens + _FIRST_ROOM_TOKENS)
        if wanted <= self._plan.shape.longest_context:
            return f"make room with --ctx {wanted}"
        return "shorten the prompt, or choose a model with a longer context: qwen3 models"

    def _recall(self, prompt: Sequence[TokenId]) -> None:
        """Hold what is known already of a prompt, from memory or from the disk, with room for all of it."""
        if self._saved is not None:
            self._saved.finish()
        if not self._keep_common_start(prompt):
            self._prompt_seconds = 0.0
        room = len(prompt) + min(_FIRST_ROOM_TOKENS, self.limit_tokens - len(prompt))
        self.saved_tokens = self._take_back(prompt, room)
        self._make_room(room)
        self._prompt_tokens = len(prompt)

    def _take_back(self, prompt: Sequence[TokenId], room: int) -> int:
        """Take what the disk has of a prompt, if it is more than is here. Returns how many tokens."""
        if self._saved is None:
            return 0
        found = self._saved.longest(prompt[:-1], self.used_tokens)
        if found is None or found.count > self.limit_tokens:
            return 0
        with ThreadPoolExecutor(1) as beside:  # as long as making a context takes
            genuine = beside.submit(self._saved.is_genuine, found)
            with contextlib.suppress(DoesNotFit):
                self._make_room(max(room, found.count))
        context = self._context
        if not genuine.result() or context is None or context.size_tokens < found.count:
            return 0
        self._tokens.clear()
        if context.forget_from(0) and self._saved.restore(found, context):
            self._tokens.extend(found.token_ids)
            return self._keep_common_start(prompt)
        return 0

    def _keep_common_start(self, prompt: Sequence[TokenId]) -> int:
        """Drop what the cache holds beyond the common start. The last prompt token is always computed again,
        since its logits are needed."""
        common = common_length(self._tokens, prompt[:-1])
        if self._context is None or not self._context.forget_from(common):
            common = 0
        del self._tokens[common:]
        return common

    def _make_room(self, wanted_tokens: int) -> None:
        """Have a context of at least that size, moving what the cache holds."""
        if self._context is not None and self._context.size_tokens >= wanted_tokens:
            return
        doubled = 2 * self._context.size_tokens if self._context is not None else 0
        longest = padded(self.limit_tokens)
        for tokens in (max(wanted_tokens, doubled), wanted_tokens):
            size = min(padded(tokens), longest)
            if self._may_grow_to(size):
                self._move_to(size)
                return
        raise DoesNotFit(
            f"no memory for a context of {size:,} tokens, which takes"
            f" {bytes_text(self._plan.context_bytes(size))} beside the weights",
            "free some memory, or store the KV cache smaller with --kv q8_0",
        )

    def _move_to(self, size_tokens: int) -> None:
        old = self._context
        if old is None or not self._tokens:
            self.close()
            self._context = Context(self._model, size_tokens, self._plan)
            return
        state, old_size = old.state(), old.size_tokens
        old.close()
        try:
            self._context = Context(self._model, size_tokens, self._plan)
        except DoesNotFit:
            self._context = Context(self._model, old_size, self._plan)
            self._context.restore(state)
            raise
        self._context.restore(state)


def common_length(ours: Sequence[TokenId], theirs: Sequence[TokenId]) -> int:
    """How many tokens two sequences begin with in common."""
    pairs = enumerate(zip(ours, theirs, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(ours), len(theirs)))


def padded(tokens: int) -> int:
    """The size of a cache for so many tokens."""
    return -(-tokens // _GRAIN_TOKENS) * _GRAIN_TOKENS
