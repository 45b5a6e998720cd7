"""What the rounds of a turn with tools add up to: the messages of each, its calls, and one end for all of them.

Works on events alone; knows nothing of the model, and nothing of how calls are run.
"""

from collections.abc import Sequence
from dataclasses import replace

from qwen3cli.dialogue.events import (
    AnswerDelta,
    BadToolCall,
    CallDone,
    Event,
    FinishReason,
    PrefillProgress,
    ThinkingClosed,
    Timings,
    TurnDone,
    Usage,
)
from qwen3cli.dialogue.messages import Message, Role, ToolCall
from qwen3cli.turn.turn import assistant_message


def turn_messages(events: Sequence[Event]) -> list[Message]:
    """The messages that a turn's events add up to: the assistant's, with the results between them."""
    rounds: list[list[Event]] = [[]]
    for event in events:
        if isinstance(event, PrefillProgress) and any(map(_is_result, rounds[-1])):
            rounds.append([])
        rounds[-1].append(event)
    return [message for each in rounds for message in round_messages(each)]


def _is_result(event: Event) -> bool:
    return isinstance(event, CallDone)


def round_messages(events: Sequence[Event]) -> list[Message]:
    """Those of one round: what the model said, then the results in the order of its calls."""
    said = assistant_message(events)
    unread = [
        f"<tool_call>\n{each.text}\n</tool_call>"
        for each in events
        if isinstance(each, BadToolCall)
    ]
    content = "\n".join([*filter(None, [said.content.lstrip("\n")]), *unread])
    results = sorted(
        (each for each in events if isinstance(each, CallDone)), key=lambda each: each.number
    )
    answered = replace(said, content=content, thinking=said.thinking.lstrip("\n"))
    empty = answered == Message(Role.ASSISTANT, "")
    return [*([] if empty else [answered]), *(Message(Role.TOOL, each.text) for each in results)]


def calls_of(events: Sequence[Event]) -> list[ToolCall | BadToolCall]:
    """The calls to run. What cannot be read in thoughts that led to an answer was no more than a thought."""
    calls = [each for each in events if isinstance(each, ToolCall | BadToolCall)]
    thought_of = next((at for at, each in enumerate(events) if isinstance(each, ThinkingClosed)), 0)
    in_answer = [each for each in events[thought_of:] if isinstance(each, ToolCall | BadToolCall)]
    answered = any(isinstance(each, AnswerDelta) for each in events)
    if answered and not in_answer and all(isinstance(each, BadToolCall) for each in calls):
        return []
    return calls


def summed(rounds: Sequence[TurnDone], *, stopped: bool) -> TurnDone:
    """The rounds as one turn."""
    first, last = rounds[0], rounds[-1]
    usages = [each.usage for each in rounds]
    usage = Usage(
        sum(each.prompt_tokens for each in usages),
        sum(each.cached_tokens for each in usages),
        sum(each.saved_tokens for each in usages),
        sum(each.thinking_tokens for each in usages),
        sum(each.answer_tokens for each in usages),
    )
    ended = [each.finish for each in rounds if each.finish is FinishReason.BUDGET_THEN_STOP]
    finish = ended[0] if ended and last.finish is FinishReason.STOP else last.finish
    return replace(
        last,
        finish=FinishReason.INTERRUPTED if stopped else finish,
        ran_out=None if stopped else last.ran_out,
        usage=usage,
        timings=_summed_timings(rounds),
        seed=first.seed,
        logprobs=tuple(each for done in rounds for each in done.logprobs),
    )


def _summed_timings(rounds: Sequence[TurnDone]) -> Timings:
    timings = [each.timings for each in rounds]
    tokens = [each.usage.thinking_tokens + each.usage.answer_tokens for each in rounds]
    rates = [each.decode_tokens_per_second for each in timings]
    seconds = sum(count / rate for count, rate in zip(tokens, rates, strict=True) if rate)
    return replace(
        timings[0],
        prefill_seconds=sum(each.prefill_seconds for each in timings),
        decode_tokens_per_second=sum(tokens) / seconds if seconds else 0.0,
    )
