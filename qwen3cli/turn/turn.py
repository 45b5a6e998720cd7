"""One turn: a conversation goes in, a stream of events comes out, the last of which is `TurnDone`.

Here the machines meet: the prompt is rendered and read, tokens become pieces, the parser sorts them, the governor
bounds the thoughts. It prints nothing, stores nothing and does not know who is listening.

Nor does it compute: where its tokens are to be computed together with those of others, it yields None and goes on when
they were. Where it is alone they are computed at once, and there is no None.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qwen3cli.dialogue.control import Control
from qwen3cli.dialogue.events import (
    AnswerDelta,
    Event,
    FinishReason,
    PrefillProgress,
    RanOut,
    ThinkDelta,
    ThinkingClosed,
    ThinkingEnd,
    Timings,
    TokenLogprobs,
)
from qwen3cli.dialogue.markers import CALL_CLOSE, THINK_OPEN
from qwen3cli.dialogue.messages import Message, Role, ToolCall
from qwen3cli.dialogue.parser import Parser
from qwen3cli.dialogue.sampling import Sampling
from qwen3cli.dialogue.stops import StopTexts
from qwen3cli.engine.grammar import Grammar, Matcher
from qwen3cli.engine.loop import End, Generation
from qwen3cli.engine.types import Piece, TokenId
from qwen3cli.turn.circles import CirclesWatch
from qwen3cli.turn.noise import NoiseWatch
from qwen3cli.turn.thinking import EARLY_STOP, PLAIN_STOP, Governor, ThinkingLimits

_THOUGHTS_BEGIN = f"{THINK_OPEN}\n"
_CALL_ENDS = f"\n{CALL_CLOSE}"
_NOTHING = AnswerDelta("")
_ANSWER_BEGINS = "\n\n"  # what stands between the thoughts and the answer in Qwen3's format


@dataclass(frozen=True, slots=True)
class TurnOptions:
    """How one turn is to be answered. `max_tokens` None goes on to the end of the context; `seed` None rolls one."""

    thinking: bool
    sampling: Sampling
    limits: ThinkingLimits = ThinkingLimits()
    max_tokens: int | None = None
    seed: int | None = None
    tools: tuple[Mapping[str, Any], ...] = ()
    also_callable: tuple[str, ...] = ()  # tools whose definitions stand elsewhere than among these
    may_call: bool = True  # whether a call of these tools is one; else it is text
    call_grammar: Grammar | None = None  # holds a call, behind its opening marker
    grammar: Grammar | None = None  # holds the answer, from its first token to its last
    begin: str = ""  # what the answer begins with
    stops: tuple[str, ...] = ()  # where it ends, before any of these
    tells_context: bool = False  # whether it is counted at the end what the context holds
    logprobs: int | None = (
        None  # how many of the likeliest tokens are told; None: no probabilities at all
    )


@dataclass(frozen=True, slots=True)
class Holds:
    """How to get what holds the answer and what holds a call, if anything does. `way_out` is the token that makes a call
    of what would be a held answer."""

    answer: Callable[[], Matcher] | None = None
    call: Callable[[], Matcher] | None = None
    way_out: TokenId | None = None


class Turn:
    """The state of one turn while it runs, and its counts when it is over."""

    def __init__(
        self,
        generation: Generation,
        options: TurnOptions,
        control: Control,
        parser: Parser,
        *,
        holds: Holds,
        may_think: bool,
    ) -> None:
        """`may_think` lets thoughts come before the answer."""
        self._matcher = holds.answer
        self._holds = holds
        self._holds_call = False
        self._may_think = may_think
        self._generation = generation
        self._begin = options.begin
        self._stops = StopTexts(options.stops)
        self._control = control
        self._parser = parser
        self._governor = Governor(options.limits)
        self._noise = NoiseWatch()
        self._circles = CirclesWatch()
        self._thinking_since: float | None = None
        self._thought = False  # whether the open block has shown anything
        self._cut_by_us = False
        self._rescued = False
        self._called = self._calls_in_thoughts = False
        self._started = self._prefilled = self._first_token = 0.0
        self.finish = FinishReason.STOP
        self.ran_out: RanOut | None = None
        self.logprobs: list[TokenLogprobs] = []
        self.cached_tokens = self.thinking_tokens = self.answer_tokens = 0

    def events(self, prompt: Sequence[TokenId], started: float) -> Iterator[Event | None]:
        """Everything but the final `TurnDone`, and None where it has to wait."""
        self._started = started
        for done, cached in self._generation.prefill(prompt, self._control.should_stop):
            self.cached_tokens = cached
            yield PrefillProgress(done, len(prompt), cached)
            if not self._generation.is_computed:
                yield None
        self._prefilled = time.perf_counter()
        yield from self._begin_told()
        yield from self._decode()
        yield from self._sorted(self._parser.feed(self._generation.flush()))
        yield from self._sorted(self._parser.finish())
        if rest := self._stops.rest():
            yield AnswerDelta(rest)
        if self._parser.thinking:
            yield from self._closed(ThinkingEnd.CUT)

    def timings(self, load_seconds: float) -> Timings:
        """Durations so far; call at the end."""
        seconds = self._generation.decode_seconds
        return Timings(
            load_seconds=load_seconds,
            prefill_seconds=max(0.0, self._prefilled - self._started),
            first_token_seconds=max(0.0, self._first_token - self._started),
            decode_tokens_per_second=self._generation.sampled_tokens / seconds if seconds else 0.0,
        )

    def _begin_told(self) -> Iterator[Event]:
        """Where the answer is told how to begin, or held, it must be known where it begins: either the thoughts are
        opened by us, as the model would, or the answer begins at once."""
        if not (self._begin or self._matcher) or self._parser.thinking:
            return
        if self._may_think and self._generation.force(_THOUGHTS_BEGIN):
            yield from self._sorted(self._parser.feed(_THOUGHTS_BEGIN))
        else:
            yield from self._begin_answer(behind=_ANSWER_BEGINS)

    def _begin_answer(self, behind: str) -> Iterator[Event]:
        """The answer begins behind this text, with what it was told to begin with; from there on it is held."""
        begin, self._begin = self._begin, ""
        matcher, self._matcher = self._matcher, None
        if (begin or matcher) and not behind.endswith(_ANSWER_BEGINS):
            self._generation.force(_ANSWER_BEGINS)
        if begin and (pieces := self._generation.force(begin)):
            self.answer_tokens += len(pieces)
            yield from self._sorted(self._parser.feed(begin))
        if matcher is not None:
            self._generation.hold(matcher(), self._holds.way_out)

    def _decode(self) -> Iterator[Event | None]:
        while not self._control.should_stop():
            if not self._generation.prepare():
                yield None
                continue
            piece = self._generation.step()
            self._first_token = self._first_token or time.perf_counter()
            if isinstance(piece, Piece):
                yield from self._take(piece)
                if self._stops.found or self._has_only_to_be_answered:
                    return
                if self._circles.found:
                    self.finish, self.ran_out = FinishReason.LENGTH, RanOut.PATIENCE
                    return
            elif piece is End.STOP and self._holds_call:
                yield from self._end_call()
                if self._has_only_to_be_answered:
                    return
            elif (
                piece is End.STOP and self._parser.thinking and not (self._rescued or self._called)
            ):
                # The model ended its turn inside its thoughts: close the block and let it answer, once.
                self._rescued = True
                yield from self._close_block(ThinkingEnd.MODEL, PLAIN_STOP)
            else:
                self._finish_at(piece)
                return
        self.finish = FinishReason.INTERRUPTED

    @property
    def _has_only_to_be_answered(self) -> bool:
        """Whether a call was made where more than calls could only be an invention: in thoughts that have ended, or in the
        place of a held answer."""
        thought_up = self._called and self._calls_in_thoughts and not self._parser.thinking
        return thought_up or (self._called and self._holds.answer is not None)

    def _hold_call(self) -> None:
        """A call was opened: from here on it is held, until it is whole."""
        if self._holds.call is not None and not self._holds_call:
            self._holds_call = True
            self._generation.hold(self._holds.call())

    def _end_call(self) -> Iterator[Event]:
        """A held call is whole. Its closing marker is written by us."""
        self._holds_call = False
        self._generation.release()
        pieces = self._generation.force(_CALL_ENDS)
        self.answer_tokens += len(pieces)
        yield from self._sorted(self._parser.feed(_CALL_ENDS if pieces else ""))

    def _finish_at(self, end: End) -> None:
        if end is not End.STOP:
            self.finish = FinishReason.LENGTH
            self.ran_out = RanOut.TOKENS if end is End.LENGTH else RanOut.CONTEXT
        elif self._cut_by_us:
            self.finish = FinishReason.BUDGET_THEN_STOP

    def _take(self, piece: Piece) -> Iterator[Event]:
        """Sort one sampled token, and see whether the thinking has gone on long enough."""
        self._noise.see(piece.text)
        self._circles.see(piece.token, is_held=self._generation.is_held)
        was_thinking = self._parser.thinking
        yield from self._sorted(self._parser.feed(piece.text))
        is_thinking = self._parser.thinking
        if self._parser.opening_call:
            self._hold_call()
        if was_thinking or is_thinking:
            self.thinking_tokens += 1
        else:
            self.answer_tokens += 1
            self.logprobs += [piece.logprobs] if piece.logprobs is not None else []
        if was_thinking and not is_thinking:
            yield from self._closed(ThinkingEnd.MODEL)
            yield from self._begin_answer(behind=piece.text)
        if is_thinking:
            yield from self._govern(piece)

    def _govern(self, piece: Piece) -> Iterator[Event]:
        now = time.perf_counter()
        self._thinking_since = self._thinking_since or now
        budget = self._control.thinking_budget()
        if budget is not None:
            self._governor.limit(budget)
        end = self._governor.on_token(
            piece.token,
            piece.text,
            now - self._thinking_since,
            self._generation.room_tokens,
            skip=self._control.should_skip_thinking(),
        )
        if end is not None:
            self._cut_by_us = True
            yield from self._close_block(end, EARLY_STOP if self._thought else PLAIN_STOP)

    def _close_block(self, end: ThinkingEnd, text: str) -> Iterator[Event]:
        """Write the end of the thoughts ourselves. The early-stop sentence is for the model, so nobody is shown it."""
        if self._generation.force(text):
            yield from self._sorted(self._parser.close_thinking())
            yield from self._closed(end)
            yield from self._begin_answer(behind=text)

    def _closed(self, end: ThinkingEnd) -> Iterator[Event]:
        since, self._thinking_since = self._thinking_since, None
        if self._thought:
            self._thought = False
            seconds = time.perf_counter() - (since or self._prefilled)
            yield ThinkingClosed(end, self.thinking_tokens, seconds)

    def _sorted(self, events: Sequence[Event]) -> Iterator[Event]:
        """Pass events on; the end of the thoughts is told before the first word of the answer."""
        for event in events:
            if isinstance(event, AnswerDelta):
                yield from self._closed(ThinkingEnd.MODEL)
                event = AnswerDelta(self._stops.feed(event.text))
            if isinstance(event, ToolCall):
                self._called = True
                self._calls_in_thoughts |= self._parser.thinking
            self._thought = self._thought or isinstance(event, ThinkDelta)
            if event != _NOTHING:
                yield event


def assistant_message(events: Sequence[Event]) -> Message:
    """The assistant message that a turn's events add up to."""
    return Message(
        Role.ASSISTANT,
        content="".join(event.text for event in events if isinstance(event, AnswerDelta)),
        thinking="".join(event.text for event in events if isinstance(event, ThinkDelta)),
        tool_calls=tuple(event for event in events if isinstance(event, ToolCall)),
    )
