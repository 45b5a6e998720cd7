"""A turn in one line, once it is over."""

from collections.abc import Iterable

from qwen3cli.base.units import count_text, rate_text, seconds_text
from qwen3cli.dialogue.events import (
    ContextUse,
    Event,
    FinishReason,
    RanOut,
    ThinkingClosed,
    TurnDone,
)

# Little is left when it is less than this part of the context: about what two more questions take.
_LITTLE, _HARDLY_ANY = 4, 8
_LONGER = 4
_WHAT_RAN_OUT = {
    RanOut.TOKENS: "max_tokens were used up: /set max_tokens N allows more",
    RanOut.CONTEXT: "the context was full: /clear or /undo make room",
    RanOut.MEMORY: "there was no memory for a longer context: /clear or /undo make room",
    RanOut.PATIENCE: "it said the same over and over: bound it in the schema, with maxLength or maxItems",
}


def summary(done: TurnDone, events: Iterable[Event]) -> str:
    """Tokens, thinking, speed, context, and what is unusual."""
    usage, timings = done.usage, done.timings
    closed = [event for event in events if isinstance(event, ThinkingClosed)]
    thought = sum(event.tokens for event in closed)
    seconds = seconds_text(sum(event.seconds for event in closed))
    thinking = f" after {count_text(thought)} of thought ({seconds})" if closed else ""
    plural = "" if usage.answer_tokens == 1 else "s"
    parts = [
        f"{count_text(usage.answer_tokens)} token{plural}{thinking}",
        rate_text(timings.decode_tokens_per_second),
        f"context {count_text(done.context_tokens)} of {count_text(done.context_limit_tokens)}",
    ]
    if done.finish is FinishReason.INTERRUPTED:
        parts.append("stopped")
    if done.ran_out is not None:
        parts.append(f"cut short: {_WHAT_RAN_OUT[done.ran_out]}")
    return ", ".join(parts)


def nears_the_end(done: TurnDone, before: TurnDone | None) -> bool:
    """Whether it is time to say that the context is nearly full: once little is left, and with each answer when there is
    hardly any. `before` was the answer before."""
    left, limit = _left(done), done.context_limit_tokens
    was_told = before is not None and _left(before) * _LITTLE < limit
    return left * (_HARDLY_ANY if was_told else _LITTLE) < limit


def nearly_full(use: ContextUse, longest_context: int) -> str:
    """That the context is nearly full, of what, and what would help; `longest_context` is what `--ctx` can be."""
    parts = [*use.files, ("what was said", use.history + use.prompt)]
    held = ", ".join(f"{name} {count_text(tokens)}" for name, tokens in parts)
    longer = min(_LONGER * use.limit, longest_context)
    advice = f", qwen3 chat --ctx {longer} holds more" if longer > use.limit else ""
    return (
        f"the context is nearly full: {count_text(use.free)} of {count_text(use.limit)} tokens are left ({held})."
        f" /context shows what fills it, /undo and /clear make room{advice}"
    )


def _left(done: TurnDone) -> int:
    """What the next message has: thoughts are not said again."""
    return done.context_limit_tokens - done.context_tokens + done.usage.thinking_tokens


def why_empty(done: TurnDone) -> str:
    """Why there is no answer to keep."""
    if done.finish is FinishReason.INTERRUPTED:
        return "stopped before there was an answer; the question is not kept"
    if done.ran_out is not None:
        return f"there was no answer yet when {_WHAT_RAN_OUT[done.ran_out]}"
    return "the model gave no answer; the question is not kept"
