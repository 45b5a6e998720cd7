"""Many sequences in one context: one decode reads the weights once and computes the next token of every one.

    take       a free slot for a prompt, with what any slot has computed of its beginning
    compute    what all slots wait for, up to CHUNK_TOKENS tokens at once
    release    the slot is free for the next prompt, and keeps what it holds until then

Each slot has a cache of its own, and all are of one size: they grow together, by moving what they hold to a larger context
bit by bit. llama.cpp computes slots together that stand side by side, and others one after the other, so gaps are closed.

Knows tokens; knows nothing of text, messages or sampling. `kv_cache` is the same for one conversation alone.
"""

from collections.abc import Callable, Iterator, Sequence

from qwen3cli.base.errors import DoesNotFit
from qwen3cli.base.units import bytes_text
from qwen3cli.engine.kv_cache import common_length, padded
from qwen3cli.engine.llama import Context, Model, Part
from qwen3cli.engine.logits import Logits
from qwen3cli.engine.types import TokenId
from qwen3cli.machine.attention import CHUNK_TOKENS
from qwen3cli.machine.plan import Plan

# Room for an answer at first. Less than a conversation alone has, since making it costs each slot as much.
_FIRST_ROOM_TOKENS = 128
# A beginning that another slot has is copied from this many tokens on: copying took as long as computing five to eight
# (0.6B shape, Q4_K_M, two cores).
_WORTH_COPYING_TOKENS = 8


class Slot:
    """The place of one sequence. What is appended waits until the batch computes it."""

    def __init__(self, batch: "Batch", index: int) -> None:
        self._batch = batch
        self.index = index  # llama.cpp's number of the sequence
        self.is_taken = False
        self.computed: list[TokenId] = []
        self.waiting: list[TokenId] = []
        self._logits_index = 0
        self._is_full = False
        self.saved_tokens = 0

    @property
    def limit_tokens(self) -> int:
        """How long the sequence can become."""
        return self._batch.limit_tokens

    @property
    def used_tokens(self) -> int:
        """How long the sequence is."""
        return len(self.computed) + len(self.waiting)

    @property
    def is_short_of_memory(self) -> bool:
        """Whether memory and not the model limits it."""
        return self._batch.is_short_of_memory

    @property
    def is_computed(self) -> bool:
        """Whether nothing waits."""
        return not self.waiting

    @property
    def logits(self) -> Logits:
        """Of the token that may follow; until the next `compute`."""
        return Logits(self._batch.context, self._logits_index)

    def prefill(
        self, prompt: Sequence[TokenId], should_stop: Callable[[], bool]
    ) -> Iterator[tuple[int, int]]:
        """Become `prompt`, whose beginning is here since `Batch.take`.

        Yields (tokens done, tokens that were here), and goes on once more was computed.

        Raises:
            DoesNotFit: the memory for it could not be had.
        """
        cached = len(self.computed)
        self._batch.make_room(
            len(prompt) + min(_FIRST_ROOM_TOKENS, self.limit_tokens - len(prompt))
        )
        self.waiting = list(prompt[cached:])
        while self.waiting and not should_stop():
            yield len(self.computed), cached
        yield len(self.computed), cached

    def append(self, tokens: Sequence[TokenId]) -> bool:
        """Continue with more tokens, which wait. False if there is no room for them, or was none for the last ones."""
        if self._is_full or not self._batch.has_room(self.used_tokens + len(tokens)):
            return False
        self.waiting += tokens
        return True

    def take(self, kept: int) -> None:
        """Begin anew behind so many tokens."""
        del self.computed[kept:]
        self.is_taken, self._is_full = True, False

    def refuse(self) -> None:
        """There is no room for what waits after all."""
        self.waiting.clear()
        self._is_full = True

    def advance(self, count: int, logits_index: int) -> None:
        """So many of the waiting tokens were computed; the last one stands at that place of the batch."""
        self.computed += self.waiting[:count]
        del self.waiting[:count]
        self._logits_index = logits_index


class Batch:
    """The slots and their context. Close it, or use it in `with`."""

    def __init__(
        self, model: Model, plan: Plan, slots: int, may_grow_to: Callable[[int], bool]
    ) -> None:
        """`may_grow_to` is asked before a context of that many tokens for each slot is made."""
        self._model = model
        self._plan = plan
        self._may_grow_to = may_grow_to
        self._context: Context | None = None
        self.slots = [Slot(self, index) for index in range(slots)]
        self.limit_tokens = plan.limit_tokens  # lower once memory has refused longer ones
        self._wanted_tokens = 0

    @property
    def is_short_of_memory(self) -> bool:
        """Whether memory and not the model limits the sequences."""
        return self.limit_tokens < self._plan.limit_tokens

    @property
    def context(self) -> Context:
        """The context that holds the last logits."""
        assert self._context is not None, "nothing was computed"
        return self._context

    def close(self) -> None:
        """Give the memory back."""
        if self._context is not None:
            self._context.close()
            self._context = None

    def take(self, prompt: Sequence[TokenId]) -> Slot | None:
        """A free slot for the prompt, which has of its beginning whatever any slot has. None if no slot is free, or if
        another is about to compute a beginning that is worth being waited for."""
        wanted = prompt[:-1]  # the last token is always computed: its logits are needed
        free = [slot for slot in self.slots if not slot.is_taken]
        if not free:
            return None
        slot = max(free, key=lambda each: common_length(each.computed, wanted))
        best = max(self.slots, key=lambda each: common_length(each.computed + each.waiting, wanted))
        shared = common_length(best.computed + best.waiting, wanted)
        kept = common_length(slot.computed, wanted)
        if shared - kept >= _WORTH_COPYING_TOKENS:
            if shared > len(best.computed):
                return None
            self._copy(best, slot)
            kept = shared
        if slot.computed and not self.context.forget_from(kept, slot.index):
            kept = 0
        slot.take(kept)
        return slot

    def release(self, slot: Slot) -> None:
        """The sequence has ended. What was computed of it stays until another takes the place."""
        slot.is_taken = False
        slot.waiting.clear()

    def compute(self, should_stop: Callable[[], bool]) -> None:
        """Compute what waits, or as much as can be computed at once. `should_stop` may end it early: nothing was then
        computed.

        Raises:
            EngineFailed: llama.cpp failed.
        """
        self._grow()
        self._close_gaps()
        slots = [slot for slot in self.slots if slot.waiting]
        counts = self._counts(slots)
        parts = [
            Part(slot.index, len(slot.computed), slot.waiting[:count])
            for slot, count in zip(slots, counts, strict=False)
        ]
        if not parts:
            return
        is_reading = any(count > 1 for count in counts)
        self.context.abort_when(should_stop if is_reading else None)
        done, at = self.context.decode(*parts), -1
        for slot, part in zip(slots, parts, strict=False):
            at += len(part.tokens)
            if done:
                slot.advance(len(part.tokens), at)
            elif not self.context.forget_from(part.position, slot.index):
                slot.waiting = [*slot.computed, *slot.waiting]
                slot.computed.clear()

    def has_room(self, tokens: int) -> bool:
        """Whether a sequence may be so long. The room is made before the next tokens are computed and not now, since a
        larger context has the logits of none."""
        self._wanted_tokens = max(self._wanted_tokens, min(tokens, self.limit_tokens))
        return tokens <= self.limit_tokens

    def make_room(self, tokens: int) -> None:
        """Let every slot hold so many tokens.

        Raises:
            DoesNotFit: the memory for it could not be had.
        """
        have = self._context.size_tokens if self._context is not None else 0
        if have >= tokens:
            return
        longest = padded(self.limit_tokens)
        for wanted in (max(tokens, 2 * have), tokens):
            size = min(padded(wanted), longest)
            if self._may_grow_to(size):
                self._move_to(size)
                return
        needs = self._plan.context_bytes(size, len(self.slots))
        raise DoesNotFit(
            f"no memory for {len(self.slots)} contexts of {size:,} tokens, which take"
            f" {bytes_text(needs)} beside the weights",
            "fewer at a time take less: --parallel 1",
        )

    def _grow(self) -> None:
        """Make the room that was promised. Where memory refuses, what there is becomes the limit."""
        try:
            self.make_room(self._wanted_tokens)
        except DoesNotFit:
            self._wanted_tokens = self.limit_tokens = self.context.size_tokens
            for slot in self.slots:
                if slot.used_tokens > self.limit_tokens:
                    slot.refuse()

    def _move_to(self, size_tokens: int) -> None:
        old = self._context
        if old is None:
            self._context = self._made(size_tokens)
            return
        states = [(slot.index, old.state(slot.index)) for slot in self.slots if slot.computed]
        old_size = old.size_tokens
        self.close()
        try:
            self._context = self._made(size_tokens)
        except DoesNotFit:
            self._context = self._made(old_size)
            raise
        finally:
            for index, state in states:
                self.context.restore(state, index)

    def _made(self, size_tokens: int) -> Context:
        return Context(self._model, size_tokens, self._plan, len(self.slots))

    def _counts(self, slots: Sequence[Slot]) -> list[int]:
        """How many of each slot's waiting tokens are computed now: one of each at least, and all that have room."""
        counts, room = [], CHUNK_TOKENS - len(slots)
        for slot in slots:
            more = min(len(slot.waiting) - 1, room)
            counts.append(1 + more)
            room -= more
        return counts

    def _close_gaps(self) -> None:
        """Let the slots that are taken stand side by side, from the first on."""
        by_index = sorted(self.slots, key=lambda each: each.index)
        count = sum(slot.is_taken for slot in by_index)
        gaps = [slot for slot in by_index[:count] if not slot.is_taken]
        for taken in [slot for slot in by_index[count:] if slot.is_taken]:
            free = gaps.pop()
            self._copy(taken, free)
            taken.index, free.index = free.index, taken.index

    def _copy(self, source: Slot, target: Slot) -> None:
        """Let a free slot hold what another has computed."""
        self.context.forget_from(0, target.index)
        if source.computed:
            self.context.restore(self.context.state(source.index), target.index)
        target.computed = list(source.computed)
