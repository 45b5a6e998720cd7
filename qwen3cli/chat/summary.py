"""A turn in one line, once it is over."""

from collections.abc import Iterable

from qwen3cli.base.units import count_text, rate_text, seconds_text
from qwen3cli.dialogue.events import Event, FinishReason, RanOut, ThinkingClosed, TurnDone

_WHAT_RAN_OUT = {
    RanOut.TOKENS: "max_tokens were used up: /set max_tokens N allows more",
    RanOut.CONTEXT: "the context was full: /clear or /undo make room",
    RanOut.MEMORY: "there was no memory for a longer context: /clear or /undo make room",
}


def summary(done: TurnDone, events: Iterable[Event]) -> str:
    """Tokens, thinking, speed, context, and what is unusual."""
    usage, timings = done.usage, done.timings
    thinking = "".join(
        f" after {count_text(event.tokens)} of thought ({seconds_text(event.seconds)})"
        for event in events
        if isinstance(event, ThinkingClosed)
    )
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


def why_empty(done: TurnDone) -> str:
    """Why there is no answer to keep."""
    if done.finish is FinishReason.INTERRUPTED:
        return "stopped before there was an answer; the question is not kept"
    if done.ran_out is not None:
        return f"there was no answer yet when {_WHAT_RAN_OUT[done.ran_out]}"
    return "the model gave no answer; the question is not kept"
