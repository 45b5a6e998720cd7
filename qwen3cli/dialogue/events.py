"""What happens during a turn: a closed union of frozen values.

A view that shows every kind of event matches on `Event` and ends in `assert_never`, so a new kind breaks type-checking
where it is not handled; what looks for one kind only asks for that. A turn is a stream of events that ends in exactly one `TurnDone`; the order is
prefill, thinking, its end, answer, done, and any part but the last may be missing. A turn that calls tools goes through
that several times, with the calls between, and still has one `TurnDone`.
"""

from dataclasses import astuple, dataclass
from enum import Enum, StrEnum
from pathlib import Path

from qwen3cli.dialogue.messages import ToolCall


class FinishReason(StrEnum):
    """Why a turn ended. The values are part of the JSON contract."""

    STOP = "stop"  # the model ended its turn
    LENGTH = "length"  # something ran out: `RanOut` says what
    BUDGET_THEN_STOP = "budget_then_stop"  # the same, after we ended its thoughts
    INTERRUPTED = "interrupted"  # the user stopped it


class RanOut(Enum):
    """What there was too little of, where an answer is cut short."""

    TOKENS = "max_tokens"
    CONTEXT = "the context"
    MEMORY = "the memory for a longer context"
    PATIENCE = "patience"  # a held answer said the same over and over


class ThinkingEnd(StrEnum):
    """Why a thinking block was closed."""

    MODEL = "model"  # the model closed it itself
    BUDGET = "budget"  # --budget or --effort was used up
    TIME = "time"  # --think-time was used up
    SKIPPED = "skipped"  # the user asked for the answer now
    LOOP = "loop"  # the thoughts repeated themselves
    ROOM = "room"  # the room kept for the answer had been reached
    CUT = "cut"  # generation ended inside the block


@dataclass(frozen=True, slots=True)
class PrefillProgress:
    """The prompt is being read: `done_tokens` of `total_tokens`, of which `cached_tokens` cost nothing."""

    done_tokens: int
    total_tokens: int
    cached_tokens: int


@dataclass(frozen=True, slots=True)
class ThinkDelta:
    """More of the thoughts."""

    text: str


@dataclass(frozen=True, slots=True)
class ThinkingClosed:
    """The thinking block ended. Sent once, and only if there was a thought to show."""

    end: ThinkingEnd
    tokens: int
    seconds: float


@dataclass(frozen=True, slots=True)
class AnswerDelta:
    """More of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class BadToolCall:
    """A tool call that cannot be read. `text` is what the model wrote, `reason` what is wrong with it."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts of one turn. `cached_tokens` of the `prompt_tokens` needed no computing: they were
    in the KV cache, `saved_tokens` of them since they were read from the disk."""

    prompt_tokens: int
    cached_tokens: int
    saved_tokens: int
    thinking_tokens: int
    answer_tokens: int

    def __add__(self, other: "Usage") -> "Usage":
        """What both took."""
        return Usage(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True, slots=True)
class PartDone:
    """One of the turns that a split question takes: what it was asked about, how it ended, and its tokens."""

    name: str
    finish: FinishReason
    usage: Usage


@dataclass(frozen=True, slots=True)
class ContextUse:
    """What the context holds, in tokens, and how many it can. `files` are (name, tokens); `history` is what was said before
    the `prompt`, which has the template's own words too."""

    system: int
    tools: int
    files: tuple[tuple[str, int], ...]
    history: int
    prompt: int
    thinking: int
    answer: int
    limit: int

    @property
    def used(self) -> int:
        """All of it together."""
        files = sum(tokens for _, tokens in self.files)
        said = self.history + self.prompt + self.thinking + self.answer
        return self.system + self.tools + files + said

    @property
    def free(self) -> int:
        """How many more fit."""
        return max(0, self.limit - self.used)


@dataclass(frozen=True, slots=True)
class Timings:
    """Durations of one turn. `first_token_seconds` counts from the start of the turn, model load not included."""

    load_seconds: float
    prefill_seconds: float
    first_token_seconds: float
    decode_tokens_per_second: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A token as its bytes, which may be a part of a character, and the logarithm of its probability."""

    token: bytes
    logprob: float


@dataclass(frozen=True, slots=True)
class TokenLogprobs:
    """One token of the answer, and the likeliest ones in its place, best first."""

    chosen: Candidate
    top: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class TurnDone:
    """The turn is over. `context_tokens` of `context_limit_tokens` are in use after it. `logprobs` are of the answer's
    tokens, and `context` is what the context holds, where they were asked for. `ran_out` is told if, and only if, `finish`
    is LENGTH."""

    finish: FinishReason
    usage: Usage
    timings: Timings
    seed: int
    context_tokens: int
    context_limit_tokens: int
    logprobs: tuple[TokenLogprobs, ...] = ()
    ran_out: RanOut | None = None
    context: ContextUse | None = None


class Permission(StrEnum):
    """How a call came to be allowed."""

    BUILT_IN = "built_in"  # a tool of our own that only reads, and was named
    NAMED = "named"  # --tools allows it
    ASKED = "asked"  # the user said yes
    ALWAYS = "always"  # the user had said so for good


class CallOutcome(StrEnum):
    """What came of a call. The values are part of the JSON contract."""

    DONE = "done"
    FAILED = "failed"  # the tool said so, or there was no such tool, or the call could not be read
    DENIED = "denied"  # it was not allowed to run
    REPEATED = "repeated"  # it had run before, too often to do it again


@dataclass(frozen=True, slots=True)
class CallStarted:
    """A tool is running. `number` tells it from all other calls of the conversation."""

    number: int
    call: ToolCall
    server: str
    permission: Permission


@dataclass(frozen=True, slots=True)
class CallProgress:
    """A running call has come so far; `total` None: nobody knows of how much."""

    number: int
    done: float
    total: float | None
    message: str


@dataclass(frozen=True, slots=True)
class CallDone:
    """A call has ended, or never began. `text` is what the model reads of it, `pictures` the files of what came beside."""

    number: int
    call: ToolCall | BadToolCall
    server: str
    outcome: CallOutcome
    text: str
    seconds: float
    pictures: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class CallNotice:
    """Something about this turn's calls that the user should know."""

    text: str


ParserEvent = ThinkDelta | AnswerDelta | ToolCall | BadToolCall
Event = (
    PrefillProgress
    | ThinkDelta
    | ThinkingClosed
    | AnswerDelta
    | ToolCall
    | BadToolCall
    | CallStarted
    | CallProgress
    | CallDone
    | CallNotice
    | TurnDone
)
