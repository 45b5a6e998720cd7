"""When to stop a model thinking, and how: the policy behind `--budget`, `--effort`, `--think-time`, the skip key, the
room kept for an answer, and the watch for thoughts that go in circles.

Pure: it is told of every token and the time, and answers whether to close the block. It never sees the engine; the
turn inserts the closing text.

A limit is not a cut. When a soft limit comes (budget, time), the model may finish its sentence or line within a small
grace; then Qwen3's own early-stop sentence is written into the thoughts and the block is closed. The models were
shown to answer well from there (Qwen3 Technical Report, section 4.3). The other reasons close at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

from qwen3cli.base.ranges import Range
from qwen3cli.dialogue.events import ThinkingEnd

NO_LIMIT = -1
BUDGET_RANGE = Range(NO_LIMIT, 1_000_000)  # more than any Qwen3 model's context

# Qwen documentation, "Thinking Budget": the exact text, with its leading blank line.
EARLY_STOP_SENTENCE = "\n\nConsidering the limited time by the user, I have to give the solution based on the thinking directly now."
EARLY_STOP = EARLY_STOP_SENTENCE + "\n</think>\n\n"
# A block that the model was about to close anyway, or that never had a thought, is closed without the sentence.
PLAIN_STOP = "\n</think>\n\n"

# The documentation sees "meaningful improvements" above 1,024 tokens; the report's curves flatten after 16K.
EFFORT_TOKENS = {"low": 1024, "medium": 4096, "high": 16384}
BUDGETS = (0, *EFFORT_TOKENS.values(), NO_LIMIT)  # from the least thinking to the most

# The grace: a tenth of the budget, within bounds that let a sentence end and keep a promise.
_GRACE_SHARE = 10
_GRACE_LEAST_TOKENS = 8
_GRACE_MOST_TOKENS = 64
_SENTENCE_ENDS = (".", "!", "?", "\n", "。", "！", "？", "।", "؟")

# Room kept for the answer: a quarter of what may be generated, but no more than this.
_ANSWER_MOST_TOKENS = 1024

# A loop is a stretch repeated so often, and so long in all, that no list or sum does it by chance.
_LOOP_REPEATS = 4
_LOOP_LEAST_TOKENS = 160
_LOOP_WINDOW_TOKENS = 1600
_LOOP_CHECK_EVERY_TOKENS = 32


@dataclass(frozen=True, slots=True)
class ThinkingLimits:
    """What bounds the thoughts. `budget_tokens` -1 is no limit; `seconds` None likewise."""

    budget_tokens: int = NO_LIMIT
    seconds: float | None = None

    @property
    def most_tokens(self) -> int:
        """The most tokens of thought that the budget lets pass, the end of a sentence included."""
        return self.budget_tokens + _grace_tokens(self.budget_tokens)


def next_budget(budget_tokens: int, step: int) -> int:
    """The next larger budget where `step` is 1, the next smaller one where it is -1; at the end it stays."""

    def size(tokens: int) -> float:
        return inf if tokens == NO_LIMIT else tokens

    further = [each for each in BUDGETS if (size(each) - size(budget_tokens)) * step > 0]
    return further[min(step, 0)] if further else budget_tokens


class Governor:
    """Watches one turn's thoughts. Call `on_token` with every token that was thought; it says when to close and why."""

    def __init__(self, limits: ThinkingLimits) -> None:
        self._limits = limits
        self._tokens: list[int] = []
        self._over_since: tuple[int, ThinkingEnd] | None = None

    @property
    def tokens(self) -> int:
        """How many tokens were thought."""
        return len(self._tokens)

    def limit(self, budget_tokens: int) -> None:
        """The budget from here on, whatever it was."""
        if budget_tokens != self._limits.budget_tokens:
            self._limits = replace(self._limits, budget_tokens=budget_tokens)
            self._over_since = None

    def on_token(
        self, token: int, text: str, seconds: float, room_tokens: int, *, skip: bool
    ) -> ThinkingEnd | None:
        """A thought token came. Returns why to close the block now, or None to go on.

        `seconds` since the thinking began; `room_tokens` that may still be generated; `skip` if the user asked.
        """
        self._tokens.append(token)
        if skip:
            return ThinkingEnd.SKIPPED
        if room_tokens <= self._answer_room(room_tokens):
            return ThinkingEnd.ROOM
        if self._over_since is None:
            self._notice_limits(seconds)
        if self._over_since is not None:
            since, reason = self._over_since
            if text.rstrip(" ").endswith(_SENTENCE_ENDS) or self.tokens - since >= self._grace():
                return reason
        if self.tokens % _LOOP_CHECK_EVERY_TOKENS == 0 and is_repeating(self._tokens):
            return ThinkingEnd.LOOP
        return None

    def _notice_limits(self, seconds: float) -> None:
        budget, most_seconds = self._limits.budget_tokens, self._limits.seconds
        if budget != NO_LIMIT and self.tokens >= budget:
            self._over_since = (self.tokens, ThinkingEnd.BUDGET)
        elif most_seconds is not None and seconds >= most_seconds:
            self._over_since = (self.tokens, ThinkingEnd.TIME)

    def _grace(self) -> int:
        budget = self._limits.budget_tokens
        return _grace_tokens(self.tokens if budget == NO_LIMIT else budget)

    def _answer_room(self, room_tokens: int) -> int:
        whole = room_tokens + self.tokens
        return min(_ANSWER_MOST_TOKENS, whole // 4)


def _grace_tokens(base: int) -> int:
    return max(_GRACE_LEAST_TOKENS, min(_GRACE_MOST_TOKENS, base // _GRACE_SHARE))


def is_repeating(tokens: Sequence[int], least_tokens: int = _LOOP_LEAST_TOKENS) -> bool:
    """Whether the tokens end in one stretch repeated at least four times and over at least so many tokens.

    The prefix function of the reversed tail gives, for every length, the smallest period of the last so many tokens:
    linear in the window, and it finds every period at once.
    """
    tail = tokens[-_LOOP_WINDOW_TOKENS:][::-1]
    borders = [0] * len(tail)
    for end in range(1, len(tail)):
        border = borders[end - 1]
        while border and tail[end] != tail[border]:
            border = borders[border - 1]
        borders[end] = border + (tail[end] == tail[border])
        length = end + 1
        period = length - borders[end]
        if length >= least_tokens and length >= _LOOP_REPEATS * period:
            return True
    return False
